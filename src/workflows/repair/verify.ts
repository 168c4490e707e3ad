import { setCurrentDetails, setHandler, proxyActivities, workflowInfo } from '@temporalio/workflow';
import { handOver, shouldHandOver } from '../hand-over.js';
import { MAX_PAGES_PER_RUN, pageActivityOptions, PRIORITY, storeBatchActivityOptions } from '../policies.js';
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
import type { ListedCalls } from '../../activities/repair/gone-calls.js';
import type { VerifyPageInput, VerifyPageResult } from '../../activities/repair/verify-page.js';
import type { Paging } from '../../activities/requests/page-limit.js';
import type { StoreActivities } from '../../activities/store-activities.js';
import { untilAnswered } from '../until-answered.js';
import { moveOn, type CursorTrail } from './cursor-trail.js';

/** Place up to which the days are compared. */
interface ComparedPlace extends CursorTrail {
  readonly paging: Paging;
}

interface VerifyState {
  /** Null before the stored calls are listed. */
  readonly listed: ListedCalls | null;
  readonly place: ComparedPlace;
  readonly counts: VerifyCounts;
  /** Place up to which the listed calls are judged, and how many are gone; null until the source has shown all rows. */
  readonly judged: { readonly after: string | null; readonly gone: number; readonly isDone: boolean } | null;
}

const AT_THE_START: VerifyState = {
  listed: null,
  place: { cursor: null, landmark: null, paging: { pageLimit: null, cleanPages: 0 } },
  counts: NOTHING_VERIFIED,
  judged: null,
};

export interface VerifyInput {
  readonly account: string;
  /** Inclusive days in the token's zone. */
  readonly from: string;
  readonly to: string;
  readonly repair: boolean;
  /** Pages, and pieces of the list of stored calls, in one run. */
  readonly maxPagesPerRun?: number;
  /** Calls of the list in one piece. */
  readonly callsPerPiece?: number;
  /** Handed from one run to the next when the workflow continues as new. */
  readonly carried?: VerifyState;
}

interface VerifyRun {
  readonly input: VerifyInput;
  /** Shows a wait, or what is being done. */
  readonly show: (state: VerifyState, waiting: VerifyProgress['waiting'], doing?: string) => void;
}

/**
 * Lists the stored calls of these days, reads all calls of the days from the source again, and compares. When it
 * completes, each missing, stale or gone call is in the collection `differences` and, with `repair`, the missing and
 * stale ones are stored as the source has them. Has its own cursor and uses no cursor of a drain. Waits for holds and
 * outages with a named timer, which the Web UI shows.
 * @throws non-retryable `CursorRepeated` if the source repeats its pages
 */
export async function verify(input: VerifyInput): Promise<VerifyResult> {
  const { account, from, to, repair, maxPagesPerRun = MAX_PAGES_PER_RUN } = input;
  let state = input.carried ?? AT_THE_START;
  let progress: VerifyProgress = { account, from, to, repair, ...state.counts, waiting: null };
  setHandler(verifyProgressQuery, () => progress);
  const run: VerifyRun = {
    input,
    show: ({ counts }, waiting, doing) => {
      progress = { account, from, to, repair, ...counts, waiting };
      setCurrentDetails(verifyDetails(progress, doing));
    },
  };

  for (let steps = 0; steps < maxPagesPerRun && !shouldHandOver(); steps += 1) {
    const next = await nextStep(run, state);
    if (next === null) break;
    if ('result' in next) return next.result;
    state = next;
  }
  return handOver<typeof verify>({ ...input, carried: state });
}

/** Takes the next step; null if the history is long enough. */
async function nextStep(run: VerifyRun, state: VerifyState): Promise<VerifyState | { result: VerifyResult } | null> {
  const { listed, judged } = state;
  if (listed?.next !== null) return listCalls(run, state);
  if (judged === null) return comparePage(run, state);
  return judged.isDone ? finish(run, { ...state, listed, judged }) : judgeCalls(run, { ...state, listed, judged });
}

async function listCalls({ input, show }: VerifyRun, state: VerifyState): Promise<VerifyState> {
  show(state, null, 'listing the stored calls');
  const { listStoredCalls } = proxyActivities<StoreActivities>(storeBatchActivityOptions);
  return { ...state, listed: await listStoredCalls({ ...pieceOf(input), listed: state.listed }) };
}

async function comparePage({ input, show }: VerifyRun, state: VerifyState): Promise<VerifyState | null> {
  let { place } = state;
  const page = await untilAnswered({
    call: async (precedingWaits) => {
      const { cursor, paging } = place;
      const answer = await ask(input, { cursor, paging, precedingWaits, number: state.counts.pages + 1 });
      if (answer.outcome === 'shrink') place = { ...place, paging: answer.paging };
      return answer;
    },
    show: (waiting) => show(state, waiting),
  });
  if (page === null) return null;
  if (page.outcome === 'end') return { ...state, judged: { after: null, gone: 0, isDone: false } };
  const counts = {
    pages: state.counts.pages + 1,
    rows: state.counts.rows + page.rows,
    missing: state.counts.missing + page.missing,
    stale: state.counts.stale + page.stale,
  };
  const trail = moveOn(place, {
    cursor: page.cursor,
    pages: counts.pages,
    doing: `Verifying ${input.account} from ${input.from} to ${input.to}`,
    advice: 'Ask the vendor whether start_after_transaction_id is honoured together with from and to.',
  });
  return { ...state, counts, place: { ...trail, paging: page.paging } };
}

function ask(
  { account, from, to, repair }: VerifyInput,
  { number, ...asked }: Pick<VerifyPageInput, 'cursor' | 'paging' | 'precedingWaits'> & { number: number },
): Promise<VerifyPageResult> {
  const { verifyPage } = apiActivities(account);
  return verifyPage.executeWithOptions({ summary: `page ${number}` }, [
    { account, run: runId(), window: { from, to }, repair, ...asked },
  ]);
}

type EndedState = VerifyState & { readonly [Name in 'listed' | 'judged']: NonNullable<VerifyState[Name]> };

async function judgeCalls({ input, show }: VerifyRun, state: EndedState): Promise<VerifyState> {
  show(state, null, 'looking for calls that the source no longer shows');
  const { listed, judged } = state;
  const { findGoneCalls } = proxyActivities<StoreActivities>(storeBatchActivityOptions);
  const { after, gone } = await findGoneCalls({ ...pieceOf(input), listed, after: judged.after });
  return { ...state, judged: { after, gone: judged.gone + gone, isDone: after === null } };
}

async function finish(run: VerifyRun, state: EndedState): Promise<{ result: VerifyResult } | null> {
  const { account, from, to, repair } = run.input;
  const { listed, counts } = state;
  const isEndKnown = await hasLastRow(run, state);
  if (isEndKnown === null) return null;
  const { summarizeVerification } = proxyActivities<StoreActivities>(storeBatchActivityOptions);
  const summary = await summarizeVerification({ account, run: runId(), listed, isEndKnown });
  const result: VerifyResult = { account, from, to, repair, pages: counts.pages, rows: counts.rows, ...summary };
  setCurrentDetails(verifyResultDetails(result));
  return { result };
}

/** Asks for the last row again, unless no call is gone; null if the history is long enough. */
async function hasLastRow({ input, show }: VerifyRun, state: EndedState): Promise<boolean | null> {
  const { cursor } = state.place;
  if (cursor === null || state.judged.gone === 0) return true;
  const { probeRow } = apiActivities(input.account);
  const answer = await untilAnswered({
    call: (precedingWaits) =>
      probeRow.executeWithOptions({ summary: 'check of the last row' }, [
        { account: input.account, transactionId: cursor, precedingWaits },
      ]),
    show: (waiting) => show(state, waiting, 'checking the last row'),
  });
  return answer === null ? null : answer.isKnown;
}

function pieceOf({ account, from, to, callsPerPiece }: VerifyInput) {
  return { account, run: runId(), window: { from, to }, ...(callsPerPiece !== undefined && { limit: callsPerPiece }) };
}

function apiActivities(account: string) {
  return proxyActivities<ApiActivities>(pageActivityOptions({ account, priorityKey: PRIORITY.verifyPage }));
}

/** Returns the same id after the workflow has continued as new. */
function runId(): string {
  return workflowInfo().firstExecutionRunId;
}
