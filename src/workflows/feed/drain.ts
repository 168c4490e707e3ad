import { continueAsNew, setCurrentDetails, setHandler, workflowInfo } from '@temporalio/workflow';
import {
  describeProgress,
  describeResult,
  drainProgressQuery,
  NO_COUNTS,
  type DrainCounts,
  type DrainProgress,
  type DrainResult,
} from './drain-progress.js';
import { followCursor } from './follow-cursor.js';
import { liveStream } from '../ids.js';
import { openLiveStream } from './open-live-stream.js';
import { MAX_PAGES_PER_RUN, PRIORITY } from '../policies.js';

export interface DrainInput {
  readonly account: string;
  readonly maxPagesPerRun?: number;
  /** Handed from one run to the next when the workflow continues as new. */
  readonly carried?: { readonly seq: number; readonly cursor: string | null; readonly counts: DrainCounts };
}

/**
 * Drains an account's live feed from its checkpoint to the end. When it completes as `caught-up`, every row the source
 * had shown by then is merged into its call's document and the checkpoint stands behind the last of them.
 */
export async function drain(input: DrainInput): Promise<DrainResult> {
  const { account } = input;
  const stream = liveStream(account);
  const start = input.carried ?? { ...(await openLiveStream(account)), counts: NO_COUNTS };
  let progress: DrainProgress = { account, cursor: start.cursor, ...start.counts, waiting: null };
  setHandler(drainProgressQuery, () => progress);

  const followed = await followCursor({
    stream,
    seq: start.seq,
    drainId: workflowInfo().firstExecutionRunId,
    window: null,
    transcripts: 'all',
    priorityKey: PRIORITY.livePage,
    maxPages: input.maxPagesPerRun ?? MAX_PAGES_PER_RUN,
    progress,
    isPaused: () => false,
    report: (next) => {
      progress = next;
      setCurrentDetails(describeProgress(next));
    },
  });
  progress = followed.progress;
  const { waiting: _, cursor, ...counts } = progress;

  if (followed.ended === 'hand-over') {
    return continueAsNew<typeof drain>({ ...input, carried: { seq: followed.seq, cursor, counts } });
  }
  const result: DrainResult = { ...counts, account, cursor, ended: followed.ended };
  setCurrentDetails(describeResult(result));
  return result;
}
