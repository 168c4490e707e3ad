import {
  CancellationScope,
  getExternalWorkflowHandle,
  proxyActivities,
  setHandler,
  workflowInfo,
} from '@temporalio/workflow';
import type { StoreActivities } from '../../activities/store-activities.js';
import type { Days } from '../../domain/days/days.js';
import { setPausedSignal, windowReportSignal } from './backfill-progress.js';
import type { DrainProgress, DrainResult } from '../feed/drain-progress.js';
import { drainStream, type DrainPlace } from '../feed/drain-stream.js';
import { handOver } from '../hand-over.js';
import { daysText } from '../ids.js';
import { PRIORITY, storeActivityOptions } from '../policies.js';

export interface DrainWindowInput {
  readonly account: string;
  readonly window: Days;
  readonly stream: string;
  /** First run id of the backfill it belongs to. */
  readonly drainId: string;
  readonly transcripts: 'all' | 'none';
  /** True to ask for no page before a signal says so. */
  readonly paused: boolean;
  readonly maxPagesPerRun?: number;
  /** Handed from one run to the next when the workflow continues as new. */
  readonly carried?: DrainPlace;
}

/** A report costs some ten events in both histories together, a page about six. */
const PAGES_PER_REPORT = 10;

/**
 * Drains one window of a backfill with its own cursor, up to an empty page. Reports to the backfill when it begins or
 * ends a wait, every ten pages, and when it is cancelled or fails. Pages written by then stay.
 */
export async function drainWindow(input: DrainWindowInput): Promise<DrainResult> {
  const { account, window, stream, maxPagesPerRun: maxPages } = input;
  const { openStream } = proxyActivities<StoreActivities>(storeActivityOptions);
  const reporter = createWindowReporter(window);
  let { paused } = input;
  setHandler(setPausedSignal, (isPaused) => {
    paused = isPaused;
  });
  const drain = async () =>
    drainStream({
      ...input,
      start: input.carried ?? (await openStream({ account, stream, window })),
      days: window,
      what: `${account}, ${daysText(window)}`,
      priorityKey: PRIORITY.backfillPage,
      maxPages,
      isPaused: () => paused,
      report: reporter.report,
    });
  const drained = await drain().catch(async (error: unknown) => {
    await CancellationScope.nonCancellable(() => reporter.lastReport());
    throw error;
  });
  return 'ended' in drained ? drained : handOver<typeof drainWindow>({ ...input, paused, carried: drained });
}

/** Reports the progress of a window to its backfill. */
function createWindowReporter(window: Days) {
  const { parent } = workflowInfo();
  let latest: DrainProgress | null = null;
  let reportedPages = 0;
  let isWaitReported = false;

  async function send({ account: _, cursor: __, ...progress }: DrainProgress): Promise<void> {
    if (parent === undefined) return;
    reportedPages = progress.pages;
    isWaitReported = progress.waiting !== null;
    try {
      // Without a run id, so that the signal reaches the present run after the parent continued as new.
      await getExternalWorkflowHandle(parent.workflowId).signal(windowReportSignal, { ...window, ...progress });
    } catch {
      // A parent that has ended needs no report.
    }
  }

  return {
    /** Reports to the parent if a wait begins or ends, or ten pages were written since the last report. */
    report: (progress: DrainProgress): void => {
      latest = progress;
      const hasPages = progress.pages - reportedPages >= PAGES_PER_REPORT;
      if (progress.waiting !== null || isWaitReported || hasPages) void send(progress);
    },
    /** Reports the pages that the parent does not know yet. */
    lastReport: async (): Promise<void> => {
      if (latest !== null && latest.pages !== reportedPages) await send({ ...latest, waiting: null });
    },
  };
}
