import { ApplicationFailure } from '@temporalio/common';
import { setCurrentDetails } from '@temporalio/workflow';
import { firstPlace, incompleteMessage, resultAt, type BackfillPlace } from './backfill-place.js';
import { backfillResultDetails, type BackfillOptions, type BackfillResult } from './backfill-progress.js';
import { BackfillRun } from './backfill-run.js';
import { handOver } from '../hand-over.js';

/** Keeps a run below the 4,096 events at which Temporal suggests a new one: a window costs it about ten. */
const MAX_WINDOWS_PER_RUN = 250;

export interface BackfillInput extends BackfillOptions {
  readonly maxWindowsPerRun?: number;
  /** Passed to each window. */
  readonly maxPagesPerRun?: number;
  /** Handed from one run to the next when the workflow continues as new. */
  readonly carried?: BackfillPlace;
}

/**
 * Drains a range of days window by window, a few at once, each in a child workflow with its own cursor. Neither reads
 * nor writes the live cursor. All children have ended when it completes, fails, is cancelled, or continues as new.
 * @throws non-retryable `BackfillIncomplete`, with the missing days, if windows failed or the source refused one
 */
export async function backfill(input: BackfillInput): Promise<BackfillResult> {
  const { maxWindowsPerRun = MAX_WINDOWS_PER_RUN, maxPagesPerRun, carried, ...options } = input;
  const place = carried ?? firstPlace(options, Date.now());
  const run = new BackfillRun(place, { maxWindows: maxWindowsPerRun, maxPagesPerRun });
  await run.drainWindows();

  if (run.isHandingOver) {
    // A new run begins with the memo of the first one, which does not have the steered options.
    const memo = { options: run.place.options };
    return handOver<typeof backfill>({ ...input, carried: run.place }, { memo });
  }
  const result = resultAt(run.place, run.plan);
  if (result.state === 'completed' && (run.place.failed.length > 0 || run.place.state === 'stopping')) {
    throw ApplicationFailure.nonRetryable(incompleteMessage(run.place, run.plan), 'BackfillIncomplete');
  }
  setCurrentDetails(backfillResultDetails(result));
  return result;
}
