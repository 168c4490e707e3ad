import { proxyActivities, workflowInfo } from '@temporalio/workflow';
import type { StoreActivities } from '../../activities/store-activities.js';
import type { Days } from '../../domain/days/days.js';
import type { DrainResult } from './drain-progress.js';
import { drainStream, type DrainPlace } from './drain-stream.js';
import { handOver } from '../hand-over.js';
import { accountWorkflowId, daysStream, daysText, RECONCILE } from '../ids.js';
import { PRIORITY, storeActivityOptions } from '../policies.js';

export interface ReconcileInput {
  readonly account: string;
  /** Number of days before today that are read again. */
  readonly days: number;
  readonly maxPagesPerRun?: number;
  /** Handed from one run to the next when the workflow continues as new. */
  readonly carried?: DrainPlace & { readonly window: Days };
}

export interface ReconcileResult extends DrainResult, Days {}

/**
 * Reads the account's last days again, and so finds rows that the source has changed without a correction. Each run has
 * its own cursor and begins at the oldest row of the days. Neither reads nor writes the live cursor.
 */
export async function reconcile(input: ReconcileInput): Promise<ReconcileResult> {
  const { account } = input;
  const drainId = workflowInfo().firstExecutionRunId;
  const { window: days, ...start } = input.carried ?? (await openDays(input, drainId));
  const drained = await drainStream({
    account,
    stream: reconcileStream({ account, days, drainId }),
    start,
    drainId,
    days,
    what: `${account}, ${daysText(days)}`,
    transcripts: 'all',
    priorityKey: PRIORITY.backfillPage,
    maxPages: input.maxPagesPerRun,
  });
  if ('ended' in drained) return { ...drained, ...days };
  return handOver<typeof reconcile>({ ...input, carried: { window: days, ...drained } });
}

async function openDays({ account, days: count }: ReconcileInput, drainId: string) {
  const { planReconcile, openStream } = proxyActivities<StoreActivities>(storeActivityOptions);
  const days = await planReconcile({ account, days: count });
  const stream = reconcileStream({ account, days, drainId });
  const opened = await openStream({ account, stream, window: days });
  return { window: days, ...opened };
}

/** Names the stream by the account, because the workflow id of a scheduled run has a time stamp. */
function reconcileStream({ account, ...read }: { account: string; days: Days; drainId: string }): string {
  return daysStream({ workflowId: accountWorkflowId(RECONCILE, account), ...read });
}
