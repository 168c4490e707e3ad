import { proxyActivities, workflowInfo } from '@temporalio/workflow';
import type { ApiActivities } from '../../activities/api-activities.js';
import type { VerifyPageInput, VerifyPageResult, VerifySummary } from '../../activities/repair/verify-types.js';
import type { Paging } from '../../activities/requests/page-limit.js';
import { pageActivityOptions, PRIORITY } from '../policies.js';
import { untilAnswered } from '../until-answered.js';
import { moveOn, type CursorTrail } from './cursor-trail.js';
import type { VerifyProgress } from './verify-progress.js';

/** How far the days are compared. */
export interface ComparedPlace extends CursorTrail {
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

type ComparedPage = Extract<VerifyPageResult, { readonly outcome: 'page' }>;

/** `hand-over`: there is more, and the history is long enough. */
type ComparePagesResult =
  | { readonly ended: 'end'; readonly progress: VerifyProgress; readonly summary: VerifySummary }
  | { readonly ended: 'hand-over'; readonly progress: VerifyProgress; readonly place: ComparedPlace };

/**
 * Compares some days page by page until their end, or until it is time to continue as new. Holds and outages are waited
 * for here, with a named timer, so that they show in the Web UI.
 * @throws non-retryable `CursorRepeated` when the source goes in a circle
 */
export async function comparePages(input: ComparePagesInput): Promise<ComparePagesResult> {
  const { account, from, to, repair } = input.progress;
  const { verifyPage } = proxyActivities<ApiActivities>(
    pageActivityOptions({ account, priorityKey: PRIORITY.verifyPage }),
  );
  const ask = (asked: Pick<VerifyPageInput, 'cursor' | 'paging' | 'precedingWaits'>): Promise<VerifyPageResult> => {
    const run = workflowInfo().firstExecutionRunId;
    const page = { account, run, window: { from, to }, repair, ...asked };
    return verifyPage.executeWithOptions({ summary: `page ${progress.pages + 1}` }, [page]);
  };
  let { place, progress } = input;

  for (let pages = 0; pages < input.maxPages; pages += 1) {
    const page = await untilAnswered({
      call: async (precedingWaits) => {
        const { cursor, paging } = place;
        const answer = await ask({ cursor, paging, precedingWaits });
        if (answer.outcome === 'shrink') place = { ...place, paging: answer.paging };
        return answer;
      },
      show: (waiting) => input.report({ ...progress, waiting }),
    });
    if (page === null) break;
    if (page.outcome === 'end') {
      const { outcome: _, ...summary } = page;
      return { ended: 'end', progress, summary };
    }
    progress = addPage(progress, page);
    place = placeAfter(place, page, progress);
  }
  return { ended: 'hand-over', progress, place };
}

function addPage(progress: VerifyProgress, page: ComparedPage): VerifyProgress {
  return {
    ...progress,
    pages: progress.pages + 1,
    rows: progress.rows + page.rows,
    missing: progress.missing + page.missing,
    stale: progress.stale + page.stale,
  };
}

function placeAfter(place: ComparedPlace, page: ComparedPage, progress: VerifyProgress): ComparedPlace {
  const { account, from, to, pages } = progress;
  const trail = moveOn(place, {
    cursor: page.cursor,
    pages,
    doing: `Verifying ${account} from ${from} to ${to}`,
    advice: 'Check with the vendor whether start_after_transaction_id is honoured together with from and to.',
  });
  return { ...trail, paging: page.paging };
}
