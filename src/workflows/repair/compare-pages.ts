import { ApplicationFailure } from '@temporalio/common';
import { proxyActivities, workflowInfo } from '@temporalio/workflow';
import type { ApiActivities } from '../../activities/api-activities.js';
import type { Paging, VerifyPageResult, VerifySummary } from '../../activities/repair/verify-types.js';
import { pageActivityOptions, PRIORITY } from '../policies.js';
import { sleepUntil } from '../sleep-until.js';
import type { VerifyProgress } from './verify-progress.js';

/** How far a window is compared. */
export interface ComparedPlace {
  /** The last transaction id that was compared; null at the oldest. */
  readonly cursor: string | null;
  /** A cursor it has been at, replaced at ever greater distances: whoever goes in a circle comes by it again. */
  readonly landmark: string | null;
  readonly paging: Paging;
}

export const AT_THE_OLDEST: ComparedPlace = {
  cursor: null,
  landmark: null,
  paging: { pageLimit: null, cleanPages: 0 },
};

interface ComparePagesInput {
  readonly place: ComparedPlace;
  readonly progress: VerifyProgress;
  /** Pages after which this run hands over to the next one. */
  readonly maxPages: number;
  /** Called whenever there is something new to show. */
  readonly report: (progress: VerifyProgress) => void;
}

/** `hand-over`: there is more, and the history is long enough. */
type ComparePagesResult =
  | { readonly ended: 'end'; readonly progress: VerifyProgress; readonly summary: VerifySummary }
  | { readonly ended: 'hand-over'; readonly progress: VerifyProgress; readonly place: ComparedPlace };

/**
 * Compares a window page by page until its end, or until it is time to continue as new. Holds and outages are waited
 * for here, with a named timer, so that they show in the Web UI.
 */
export async function comparePages(input: ComparePagesInput): Promise<ComparePagesResult> {
  const { account, from, to, repair } = input.progress;
  const options = pageActivityOptions({ account, priorityKey: PRIORITY.verifyPage });
  const { verifyPage } = proxyActivities<ApiActivities>(options);
  const run = workflowInfo().firstExecutionRunId;
  let { place, progress } = input;
  let precedingWaits = 0;
  let pagesThisRun = 0;

  while (pagesThisRun < input.maxPages && !workflowInfo().continueAsNewSuggested) {
    input.report(progress);
    const { cursor, paging } = place;
    const page: VerifyPageResult = await verifyPage.executeWithOptions({ summary: `page ${progress.pages + 1}` }, [
      { account, run, window: { from, to }, cursor, paging, repair, precedingWaits },
    ]);
    switch (page.outcome) {
      case 'page':
        progress = addPage(progress, page);
        place = moveOn({ place, cursor: page.cursor, progress, paging: page.paging });
        precedingWaits = 0;
        pagesThisRun += 1;
        break;
      case 'end': {
        const { outcome: _, ...summary } = page;
        return { ended: 'end', progress, summary };
      }
      case 'shrink':
        place = { ...place, paging: page.paging };
        break;
      case 'wait':
        precedingWaits += 1;
        input.report({ ...progress, waiting: page });
        await sleepUntil(page);
        break;
    }
  }
  return { ended: 'hand-over', progress, place };
}

function addPage(progress: VerifyProgress, page: { rows: number; missing: number; stale: number }): VerifyProgress {
  return {
    ...progress,
    pages: progress.pages + 1,
    rows: progress.rows + page.rows,
    missing: progress.missing + page.missing,
    stale: progress.stale + page.stale,
  };
}

/** @throws non-retryable `CursorRepeated`: going on would read the same rows for ever. */
function moveOn(input: {
  place: ComparedPlace;
  cursor: string;
  progress: VerifyProgress;
  paging: Paging;
}): ComparedPlace {
  const { cursor, paging, progress } = input;
  const { account, from, to, pages } = progress;
  if (cursor === input.place.landmark || cursor === input.place.cursor) {
    throw ApplicationFailure.nonRetryable(
      `Verifying ${account} from ${from} to ${to}: the page after ${input.place.cursor ?? 'the start'} ends at ${cursor}, ` +
        'where it has been before, so the source goes in a circle and going on would never end. Check with the vendor ' +
        'whether start_after_transaction_id is honoured together with from and to.',
      'CursorRepeated',
    );
  }
  return { cursor, paging, landmark: isPowerOfTwo(pages) ? cursor : input.place.landmark };
}

function isPowerOfTwo(count: number): boolean {
  return Number.isInteger(Math.log2(count));
}
