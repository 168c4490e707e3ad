import { CancellationScope, continueAsNew, proxyActivities, setCurrentDetails, setHandler } from '@temporalio/workflow';
import type { OpenStreamResult } from '../../activities/feed/drain-page-types.js';
import type { StoreActivities } from '../../activities/store-activities.js';
import type { Days } from '../../domain/days/days.js';
import { setPausedSignal } from './backfill-steering.js';
import {
  drainDetails,
  drainResultDetails,
  drainProgressQuery,
  NO_COUNTS,
  type DrainCounts,
  type DrainProgress,
  type DrainResult,
} from '../feed/drain-progress.js';
import { followCursor } from '../feed/follow-cursor.js';
import { daysText } from '../ids.js';
import { MAX_PAGES_PER_RUN, PRIORITY, storeActivityOptions } from '../policies.js';
import { createWindowReporter } from './window-reporter.js';

export interface DrainWindowInput {
  readonly account: string;
  readonly window: Days;
  readonly stream: string;
  /** The run of the backfill it belongs to. */
  readonly drainId: string;
  readonly transcripts: 'all' | 'none';
  /** Whether it is to ask for no page until it is told otherwise. */
  readonly paused: boolean;
  readonly maxPagesPerRun?: number;
  /** Handed from one run to the next when the workflow continues as new. */
  readonly carried?: { readonly seq: number; readonly cursor: string | null; readonly counts: DrainCounts };
}

/**
 * Drains one window of a backfill with a cursor of its own, up to an empty page. Its backfill is told when it begins or
 * ends waiting, every few pages, and at last when it is cancelled or fails: what it wrote by then stays.
 */
export async function drainWindow(input: DrainWindowInput): Promise<DrainResult> {
  const { account, window } = input;
  const what = `${daysText(window)} of ${account}`;
  const reporter = createWindowReporter(window);
  let { paused } = input;
  let progress: DrainProgress = { account, cursor: null, ...NO_COUNTS, ...input.carried?.counts, waiting: null };
  setHandler(setPausedSignal, (isPaused) => {
    paused = isPaused;
  });
  setHandler(drainProgressQuery, () => progress);

  const follow = async () => {
    const start = input.carried ?? (await openWindow(input));
    return followCursor({
      ...input,
      days: window,
      seq: start.seq,
      priorityKey: PRIORITY.backfillPage,
      maxPages: input.maxPagesPerRun ?? MAX_PAGES_PER_RUN,
      progress: { ...progress, cursor: start.cursor },
      isPaused: () => paused,
      report: (next) => {
        progress = next;
        setCurrentDetails(drainDetails(next, what));
        reporter.report(next);
      },
    });
  };
  const followed = await follow().catch(async (error: unknown) => {
    await CancellationScope.nonCancellable(() => reporter.lastReport(progress));
    throw error;
  });
  progress = followed.progress;
  const { waiting: _, cursor, ...counts } = progress;
  if (followed.ended === 'hand-over') {
    return continueAsNew<typeof drainWindow>({ ...input, paused, carried: { seq: followed.seq, cursor, counts } });
  }
  const result: DrainResult = { ...counts, account, cursor, ended: followed.ended };
  setCurrentDetails(drainResultDetails(result, what));
  return result;
}

function openWindow({ account, stream, window }: DrainWindowInput): Promise<OpenStreamResult> {
  const { openStream } = proxyActivities<StoreActivities>(storeActivityOptions);
  return openStream({ account, stream, window });
}
