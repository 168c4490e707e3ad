import { continueAsNew, proxyActivities, setCurrentDetails, setHandler, workflowInfo } from '@temporalio/workflow';
import type { StoreActivities } from '../../activities/store-activities.js';
import type { Days } from '../../domain/days/days.js';
import {
  drainDetails,
  drainResultDetails,
  drainProgressQuery,
  NO_COUNTS,
  type DrainCounts,
  type DrainProgress,
  type DrainResult,
} from './drain-progress.js';
import { followCursor } from './follow-cursor.js';
import { accountWorkflowId, daysStream, daysText, RECONCILE } from '../ids.js';
import { MAX_PAGES_PER_RUN, PRIORITY, storeActivityOptions } from '../policies.js';

export interface ReconcileInput {
  readonly account: string;
  /** How many of the last days that have ended are read again. */
  readonly days: number;
  readonly maxPagesPerRun?: number;
  /** Handed from one run to the next when the workflow continues as new. */
  readonly carried?: {
    readonly window: Days;
    readonly seq: number;
    readonly cursor: string | null;
    readonly counts: DrainCounts;
  };
}

export interface ReconcileResult extends DrainResult, Days {}

/**
 * Reads the account's last days again, which finds what the source has changed without a correction. Its cursor is its
 * own: each run starts anew, and the live cursor is neither read nor written.
 */
export async function reconcile(input: ReconcileInput): Promise<ReconcileResult> {
  const { account } = input;
  const drainId = workflowInfo().firstExecutionRunId;
  let progress: DrainProgress = { account, cursor: null, ...NO_COUNTS, ...input.carried?.counts, waiting: null };
  setHandler(drainProgressQuery, () => progress);
  const { window: days, seq, cursor: startCursor } = input.carried ?? (await openDays(input, drainId));
  const what = `${daysText(days)} of ${account}`;

  const followed = await followCursor({
    stream: reconcileStream({ account, days, drainId }),
    seq,
    drainId,
    days,
    transcripts: 'all',
    priorityKey: PRIORITY.backfillPage,
    maxPages: input.maxPagesPerRun ?? MAX_PAGES_PER_RUN,
    progress: { ...progress, cursor: startCursor },
    isPaused: () => false,
    report: (next) => {
      progress = next;
      setCurrentDetails(drainDetails(next, what));
    },
  });
  progress = followed.progress;
  const { waiting: _, cursor, ...counts } = progress;
  if (followed.ended === 'hand-over') {
    return continueAsNew<typeof reconcile>({ ...input, carried: { window: days, seq: followed.seq, cursor, counts } });
  }
  const result: ReconcileResult = { ...counts, ...days, account, cursor, ended: followed.ended };
  setCurrentDetails(drainResultDetails(result, what));
  return result;
}

async function openDays({ account, days: count }: ReconcileInput, drainId: string) {
  const { planReconcile, openStream } = proxyActivities<StoreActivities>(storeActivityOptions);
  const days = await planReconcile({ account, days: count });
  const stream = reconcileStream({ account, days, drainId });
  const opened = await openStream({ account, stream, window: days });
  return { window: days, ...opened };
}

/** A scheduled run's id carries a time stamp, which would say nothing here. */
function reconcileStream({ account, ...read }: { account: string; days: Days; drainId: string }): string {
  return daysStream({ workflowId: accountWorkflowId(RECONCILE, account), ...read });
}
