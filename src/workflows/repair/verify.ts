import { continueAsNew, setCurrentDetails, setHandler, proxyActivities, workflowInfo } from '@temporalio/workflow';
import { MAX_PAGES_PER_RUN, pageActivityOptions, PRIORITY } from '../policies.js';
import {
  verifyDetails,
  verifyResultDetails,
  NOTHING_VERIFIED,
  verifyProgressQuery,
  type VerifyCounts,
  type VerifyProgress,
  type VerifyResult,
} from './repair-progress.js';
import type { ApiActivities } from '../../activities/api-activities.js';
import type { VerifyPageInput, VerifyPageResult } from '../../activities/repair/verify-page.js';
import type { Paging } from '../../activities/requests/page-limit.js';
import { untilAnswered } from '../until-answered.js';
import { moveOn, type CursorTrail } from './cursor-trail.js';

/** Place up to which the days are compared. */
interface ComparedPlace extends CursorTrail {
  readonly paging: Paging;
}

const AT_THE_OLDEST: ComparedPlace = {
  cursor: null,
  landmark: null,
  paging: { pageLimit: null, cleanPages: 0 },
};

export interface VerifyInput {
  readonly account: string;
  /** Inclusive days in the token's zone. */
  readonly from: string;
  readonly to: string;
  readonly repair: boolean;
  readonly maxPagesPerRun?: number;
  /** Handed from one run to the next when the workflow continues as new. */
  readonly carried?: { readonly place: ComparedPlace; readonly counts: VerifyCounts };
}

/**
 * Reads all calls of these days from the source again and compares them with the stored ones. When it completes, each
 * missing or stale call is in the collection `differences` and, with `repair`, stored as the source has it. Has its own
 * cursor and uses no cursor of a drain. Waits for holds and outages with a named timer, which the Web UI shows.
 * @throws non-retryable `CursorRepeated` if the source repeats its pages
 */
export async function verify(input: VerifyInput): Promise<VerifyResult> {
  const { account, from, to, repair, maxPagesPerRun = MAX_PAGES_PER_RUN } = input;
  let { place, counts } = input.carried ?? { place: AT_THE_OLDEST, counts: NOTHING_VERIFIED };
  let progress: VerifyProgress = { account, from, to, repair, ...counts, waiting: null };
  setHandler(verifyProgressQuery, () => progress);

  for (let pages = 0; pages < maxPagesPerRun; pages += 1) {
    const page = await untilAnswered({
      call: async (precedingWaits) => {
        const { cursor, paging } = place;
        const answer = await ask(input, { cursor, paging, precedingWaits, number: counts.pages + 1 });
        if (answer.outcome === 'shrink') place = { ...place, paging: answer.paging };
        return answer;
      },
      show: (waiting) => {
        progress = { account, from, to, repair, ...counts, waiting };
        setCurrentDetails(verifyDetails(progress));
      },
    });
    if (page === null) break;
    if (page.outcome === 'end') {
      const { outcome: _, ...summary } = page;
      const result: VerifyResult = { account, from, to, repair, pages: counts.pages, rows: counts.rows, ...summary };
      setCurrentDetails(verifyResultDetails(result));
      return result;
    }
    counts = {
      pages: counts.pages + 1,
      rows: counts.rows + page.rows,
      missing: counts.missing + page.missing,
      stale: counts.stale + page.stale,
    };
    const trail = moveOn(place, {
      cursor: page.cursor,
      pages: counts.pages,
      doing: `Verifying ${account} from ${from} to ${to}`,
      advice: 'Ask the vendor whether start_after_transaction_id is honoured together with from and to.',
    });
    place = { ...trail, paging: page.paging };
  }
  return continueAsNew<typeof verify>({ ...input, carried: { place, counts } });
}

function ask(
  { account, from, to, repair }: VerifyInput,
  { number, ...asked }: Pick<VerifyPageInput, 'cursor' | 'paging' | 'precedingWaits'> & { number: number },
): Promise<VerifyPageResult> {
  const { verifyPage } = proxyActivities<ApiActivities>(
    pageActivityOptions({ account, priorityKey: PRIORITY.verifyPage }),
  );
  const run = workflowInfo().firstExecutionRunId;
  return verifyPage.executeWithOptions({ summary: `page ${number}` }, [
    { account, run, window: { from, to }, repair, ...asked },
  ]);
}
