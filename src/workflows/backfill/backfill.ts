import { ApplicationFailure } from '@temporalio/common';
import { continueAsNew, setCurrentDetails } from '@temporalio/workflow';
import { firstPlace, incompleteMessage, resultAt, type BackfillPlace } from './backfill-place.js';
import { backfillResultDetails, type BackfillOptions, type BackfillResult } from './backfill-progress.js';
import { BackfillRun } from './backfill-run.js';

/** A window costs its backfill about ten events, and Temporal suggests a new run at 4,096. */
const MAX_WINDOWS_PER_RUN = 250;

export interface BackfillInput extends BackfillOptions {
  readonly maxWindowsPerRun?: number;
  /** Handed to each window. */
  readonly maxPagesPerRun?: number;
  /** Handed from one run to the next when the workflow continues as new. */
  readonly carried?: BackfillPlace;
}

/**
 * Drains a range of days window by window, a few at once, each in a child workflow with a cursor of its own. The live
 * cursor is neither read nor written. All children have ended when it completes, fails, is cancelled, or continues as
 * new. Where windows failed, it fails after the others have ended, and says which days are missing.
 */
export async function backfill(input: BackfillInput): Promise<BackfillResult> {
  const { maxWindowsPerRun = MAX_WINDOWS_PER_RUN, maxPagesPerRun, carried, ...options } = input;
  const place = carried ?? firstPlace(options, Date.now());
  const run = new BackfillRun(place, { maxWindows: maxWindowsPerRun, maxPagesPerRun });
  await run.drainWindows();

  if (run.isHandingOver) return continueAsNew<typeof backfill>({ ...input, carried: run.place });
  const result = resultAt(run.place, run.plan);
  if (result.state === 'completed' && (run.place.failed.length > 0 || run.place.state === 'stopping')) {
    throw ApplicationFailure.nonRetryable(incompleteMessage(run.place, run.plan), 'BackfillIncomplete');
  }
  setCurrentDetails(backfillResultDetails(result));
  return result;
}
