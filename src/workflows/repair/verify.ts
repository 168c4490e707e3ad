import { continueAsNew, setCurrentDetails, setHandler } from '@temporalio/workflow';
import { AT_THE_OLDEST, comparePages, type ComparedPlace } from './compare-pages.js';
import { MAX_PAGES_PER_RUN } from '../policies.js';
import {
  verifyDetails,
  verifyResultDetails,
  NOTHING_VERIFIED,
  verifyProgressQuery,
  type VerifyCounts,
  type VerifyProgress,
  type VerifyResult,
} from './verify-progress.js';

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
 * Reads all calls of these days again from the source and compares them with those stored. When it completes, each that
 * was missing or stale is in the collection `differences`, and with `repair` stored as the source says. It has a cursor
 * of its own, and knows nothing of those of drains.
 */
export async function verify(input: VerifyInput): Promise<VerifyResult> {
  const { account, from, to, repair } = input;
  const { place, counts } = input.carried ?? { place: AT_THE_OLDEST, counts: NOTHING_VERIFIED };
  let progress: VerifyProgress = { account, from, to, repair, ...counts, waiting: null };
  setHandler(verifyProgressQuery, () => progress);

  const compared = await comparePages({
    place,
    progress,
    maxPages: input.maxPagesPerRun ?? MAX_PAGES_PER_RUN,
    report: (next) => {
      progress = next;
      setCurrentDetails(verifyDetails(next));
    },
  });
  const { pages, rows, missing, stale } = compared.progress;
  if (compared.ended === 'hand-over') {
    const carried = { place: compared.place, counts: { pages, rows, missing, stale } };
    return continueAsNew<typeof verify>({ ...input, carried });
  }
  const result: VerifyResult = { account, from, to, repair, pages, rows, ...compared.summary };
  setCurrentDetails(verifyResultDetails(result));
  return result;
}
