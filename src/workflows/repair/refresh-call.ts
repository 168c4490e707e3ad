import { continueAsNew, proxyActivities, setCurrentDetails, setHandler } from '@temporalio/workflow';
import type { ApiActivities } from '../../activities/api-activities.js';
import type {
  FindCallIdResult,
  RereadCallResult,
  RereadCrediraCallResult,
} from '../../activities/repair/reread-call.js';
import type { Source } from '../../domain/call.js';
import { pageActivityOptions, PRIORITY } from '../policies.js';
import { untilAnswered } from '../until-answered.js';
import type { Wait } from '../progress.js';
import { moveOn, type CursorTrail } from './cursor-trail.js';
import {
  refreshDetails,
  refreshProgressQuery,
  refreshResultDetails,
  type RefreshProgress,
  type RefreshResult,
} from './repair-progress.js';

export interface RefreshCallInput {
  readonly account: string;
  readonly source: Source;
  readonly id: string;
  /** `either`: if the source knows no call of this id, tries it as the id of a transaction. Credira has only calls. */
  readonly idOf: 'call' | 'either';
  /** Requests after which this run hands over to the next one. */
  readonly maxRequestsPerRun?: number;
  /** Handed from one run to the next when the workflow continues as new. */
  readonly carried?: RereadPlace;
}

/** Place up to which a call is read. */
interface RereadPlace extends CursorTrail {
  /** Null while the source is asked for the call of the transaction with this id. */
  readonly callId: string | null;
  /** True if `callId` is the answer to that. */
  readonly isFound: boolean;
  readonly pageLimit: number | null;
  readonly pages: number;
  readonly rows: number;
  readonly rejects: number;
}

const NOTHING_READ = { cursor: null, landmark: null, pageLimit: null, pages: 0, rows: 0, rejects: 0 };

/**
 * Reads all rows of one call again and merges them; drains of the account may run at the same time. When it completes,
 * the stored call is computed from all its rows. An id the source does not know changes nothing.
 * @throws non-retryable `CursorRepeated` if the source repeats its pages
 */
export async function refreshCall(input: RefreshCallInput): Promise<RefreshResult> {
  const { account, id, maxRequestsPerRun = Infinity } = input;
  let place: RereadPlace = input.carried ?? { ...NOTHING_READ, callId: id, isFound: false };
  let progress: RefreshProgress = { account, id, rows: place.rows, waiting: null };
  let requests = 0;
  setHandler(refreshProgressQuery, () => progress);
  const show = (waiting: Wait | null): void => {
    progress = { account, id, rows: place.rows, waiting };
    setCurrentDetails(refreshDetails(progress));
  };

  for (;;) {
    const answer = await untilAnswered({
      call: async (precedingWaits) => {
        requests += 1;
        const result = await ASK[input.source]({ ...input, place, precedingWaits });
        if (result.outcome === 'shrink') place = { ...place, pageLimit: result.pageLimit };
        return result;
      },
      show,
      isOver: () => requests >= maxRequestsPerRun,
    });
    if (answer === null) return continueAsNew<typeof refreshCall>({ ...input, carried: place });
    const after = placeAfter(input, place, answer);
    place = after.place;
    show(null);
    if (after.isEnd) return finish({ account, callId: place.callId, rows: place.rows, rejects: place.rejects }, id);
  }
}

function finish(result: RefreshResult, id: string): RefreshResult {
  setCurrentDetails(refreshResultDetails(result, id));
  return result;
}

type Asked = RereadCallResult | FindCallIdResult | RereadCrediraCallResult;

interface Question extends RefreshCallInput {
  readonly place: RereadPlace;
  readonly precedingWaits: number;
}

/** Makes the next request to each source. */
const ASK: Readonly<Record<Source, (question: Question) => Promise<Asked>>> = {
  invoca: askInvoca,
  credira: askCredira,
};

function askCredira({ account, id, precedingWaits }: Question): Promise<Asked> {
  const { rereadCrediraCall } = activitiesOf(account);
  return rereadCrediraCall.executeWithOptions({ summary: `call ${id}` }, [{ account, callId: id, precedingWaits }]);
}

function askInvoca({ account, id, place, precedingWaits }: Question): Promise<Asked> {
  const { rereadCall, findCallId } = activitiesOf(account);
  const { callId, cursor, pageLimit } = place;
  if (callId === null) {
    const request = { account, transactionId: id, precedingWaits };
    return findCallId.executeWithOptions({ summary: `call of transaction ${id}` }, [request]);
  }
  const summary = cursor === null ? `call ${callId}` : `call ${callId} after ${cursor}`;
  return rereadCall.executeWithOptions({ summary }, [{ account, callId, cursor, pageLimit, precedingWaits }]);
}

function activitiesOf(account: string) {
  return proxyActivities<ApiActivities>(pageActivityOptions({ account, priorityKey: PRIORITY.probe }));
}

/** Returns the place after an answer. `isEnd`: it was the last answer. */
function placeAfter(
  { id, idOf }: RefreshCallInput,
  place: RereadPlace,
  answer: Exclude<Asked, { readonly outcome: 'wait' | 'shrink' }>,
): { readonly place: RereadPlace; readonly isEnd: boolean } {
  if ('isKnown' in answer) {
    const { isKnown, rejects } = answer;
    return { place: { ...place, callId: isKnown ? id : null, rows: isKnown ? 1 : 0, rejects }, isEnd: true };
  }
  if (answer.outcome === 'answered') {
    if (answer.callId === null) return { place, isEnd: true };
    return { place: { ...NOTHING_READ, callId: answer.callId, isFound: true }, isEnd: false };
  }
  const pages = place.pages + 1;
  const read = { ...place, pages, rows: place.rows + answer.rows, rejects: place.rejects + answer.rejects };
  if (answer.cursor === null) {
    const isKnown = read.rows > 0 || read.isFound;
    return isKnown ? { place: read, isEnd: true } : { place: { ...read, callId: null }, isEnd: idOf === 'call' };
  }
  const trail = moveOn(place, {
    cursor: answer.cursor,
    pages,
    doing: `Reading the call ${place.callId ?? id} again`,
    advice: 'What was read is stored. Set INVOCA_PAGE_LIMIT to more rows than the call has.',
  });
  return { place: { ...read, ...trail }, isEnd: false };
}
