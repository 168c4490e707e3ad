import { isGrpcServiceError, type Client } from '@temporalio/client';
import type { TranscriptDispatcher } from '../../activities/dependencies.js';
import {
  accountWorkflowId,
  dispatcherWorkflowId,
  searchAttributesOf,
  TRANSCRIPTS,
  WORKFLOW_TASK_QUEUE,
} from '../../workflows/ids.js';
import { lookSignal } from '../../workflows/transcripts/transcripts-progress.js';
import type { transcripts } from '../../workflows/transcripts/transcripts.js';
import { describeSchedule } from '../schedules/schedule-operations.js';

/** Gathers the looks of a busy account into few claims, and still makes each within a minute of being due. */
const LONGEST_PAUSE_MS = 45_000;

/** Time for which an active schedule is not asked for again: Temporal Cloud allows few such requests a second. */
const SCHEDULE_KNOWN_MS = 30_000;

/** `PERMISSION_DENIED` and `UNIMPLEMENTED` of gRPC. */
const REFUSALS: ReadonlySet<number> = new Set([7, 12]);

interface DispatcherInput {
  readonly client: Client;
  readonly account: { readonly name: string; readonly pollIntervalMs: number };
}

/**
 * Creates the dispatcher of an account. Many pages announce looks, so an active schedule is asked for every half minute
 * only, and a look is not announced while an earlier announced one is still to come: the dispatcher sleeps no longer
 * than that, and then finds all.
 */
export function createTranscriptDispatcher({ client, account }: DispatcherInput): TranscriptDispatcher {
  const { name } = account;
  let announcedMs = 0;
  let wantedUntilMs = 0;

  async function isWanted(): Promise<boolean> {
    const wanted = await isScheduled(client, name);
    wantedUntilMs = wanted ? Date.now() + SCHEDULE_KNOWN_MS : 0;
    return wanted;
  }

  return {
    pauseMs: Math.min(LONGEST_PAUSE_MS, account.pollIntervalMs),
    isWanted,
    async wake(dueAt) {
      if (Date.now() >= wantedUntilMs && !(await isWanted())) return;
      const dueMs = dueAt.getTime();
      if (announcedMs > Date.now() && announcedMs <= dueMs) return;
      await signal(client, { account: name, dueAt });
      announcedMs = dueMs;
    },
  };
}

/** True if the schedule is there and not paused, or if the server does not let callweave ask. */
async function isScheduled(client: Client, account: string): Promise<boolean> {
  try {
    const schedule = await describeSchedule(client, accountWorkflowId(TRANSCRIPTS, account));
    return schedule !== null && !schedule.state.paused;
  } catch (error) {
    const cause = error instanceof Error && error.cause !== undefined ? error.cause : error;
    if (isGrpcServiceError(cause) && REFUSALS.has(cause.code)) return true;
    throw error;
  }
}

async function signal(client: Client, { account, dueAt }: { account: string; dueAt: Date }): Promise<void> {
  await client.workflow.signalWithStart<typeof transcripts, [string]>(TRANSCRIPTS.type, {
    args: [{ account, mode: 'ahead' }],
    workflowId: dispatcherWorkflowId(account),
    taskQueue: WORKFLOW_TASK_QUEUE,
    signal: lookSignal,
    signalArgs: [dueAt.toISOString()],
    typedSearchAttributes: searchAttributesOf({ account, mode: TRANSCRIPTS.mode }),
    staticSummary: `${TRANSCRIPTS.summary}: ${account}, as they become due`,
  });
}
