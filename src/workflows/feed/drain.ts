import { continueAsNew, setCurrentDetails, setHandler, workflowInfo } from '@temporalio/workflow';
import type { SeedPlan } from '../../activities/feed/drain-page-types.js';
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
import { liveStream } from '../ids.js';
import { openLiveStream } from './open-live-stream.js';
import { MAX_PAGES_PER_RUN, PRIORITY } from '../policies.js';

export interface DrainInput {
  readonly account: string;
  readonly maxPagesPerRun?: number;
  /** Handed from one run to the next when the workflow continues as new. */
  readonly carried?: { readonly seq: number; readonly cursor: string | null; readonly counts: DrainCounts };
  /** Handed on instead while the stream is not open yet. */
  readonly seed?: SeedPlan;
}

/**
 * Drains an account's live feed from its checkpoint to the end. When it completes as `caught-up`, every row the source
 * had shown by then is merged into its call's document and the checkpoint stands behind the last of them.
 */
export async function drain(input: DrainInput): Promise<DrainResult> {
  const { seed, ...opened } = input;
  const { account, maxPagesPerRun: maxPages = MAX_PAGES_PER_RUN } = input;
  const start = input.carried ?? (await openLiveStream({ account, seed, maxRequests: maxPages }));
  if ('seed' in start) return continueAsNew<typeof drain>({ ...input, seed: start.seed });
  let progress: DrainProgress = {
    account,
    cursor: start.cursor,
    ...NO_COUNTS,
    ...input.carried?.counts,
    waiting: null,
  };
  setHandler(drainProgressQuery, () => progress);

  const followed = await followCursor({
    stream: liveStream(account),
    seq: start.seq,
    drainId: workflowInfo().firstExecutionRunId,
    days: null,
    transcripts: 'all',
    priorityKey: PRIORITY.livePage,
    maxPages,
    progress,
    isPaused: () => false,
    report: (next) => {
      progress = next;
      setCurrentDetails(drainDetails(next));
    },
  });
  progress = followed.progress;
  const { waiting: _, cursor, ...counts } = progress;

  if (followed.ended === 'hand-over') {
    return continueAsNew<typeof drain>({ ...opened, carried: { seq: followed.seq, cursor, counts } });
  }
  const result: DrainResult = { ...counts, account, cursor, ended: followed.ended };
  setCurrentDetails(drainResultDetails(result));
  return result;
}
