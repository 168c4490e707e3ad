import { getExternalWorkflowHandle, workflowInfo } from '@temporalio/workflow';
import type { Days } from '../../domain/days/days.js';
import { windowReportSignal } from './backfill-steering.js';
import type { DrainProgress } from '../feed/drain-progress.js';

/** A report costs some ten events in both histories together, a page about six. */
const PAGES_PER_REPORT = 10;

export interface WindowReporter {
  /** Tells the parent, where there is something worth telling. */
  report(progress: DrainProgress): void;
  /** The parent knows all that was written, where it still runs. */
  lastReport(progress: DrainProgress): Promise<void>;
}

/** Tells the backfill that a window belongs to how far the window has come. */
export function createWindowReporter(window: Days): WindowReporter {
  const { parent } = workflowInfo();
  let reportedPages = 0;
  let isWaitReported = false;

  async function send({ account: _, cursor: __, ...progress }: DrainProgress): Promise<void> {
    if (parent === undefined) return;
    reportedPages = progress.pages;
    isWaitReported = progress.waiting !== null;
    try {
      // By its id alone, so that it reaches the run that goes on after the parent continued as new.
      await getExternalWorkflowHandle(parent.workflowId).signal(windowReportSignal, { ...window, ...progress });
    } catch {
      // A parent that has ended needs no report.
    }
  }

  return {
    report(progress) {
      const isWaiting = progress.waiting !== null;
      const hasPages = progress.pages - reportedPages >= PAGES_PER_REPORT;
      if (isWaiting || isWaitReported || hasPages) void send(progress);
    },
    async lastReport(progress) {
      if (progress.pages !== reportedPages) await send({ ...progress, waiting: null });
    },
  };
}
