import { proxyActivities } from '@temporalio/workflow';
import type { ApiActivities } from '../../activities/api-activities.js';
import type {
  FindCallIdResult,
  RereadCallResult,
  RereadCrediraCallResult,
} from '../../activities/repair/reread-call.js';
import type { Source } from '../../domain/call.js';
import { pageActivityOptions } from '../policies.js';
import { moveOn, type CursorTrail } from './cursor-trail.js';

/** A call to read again. */
export interface CallToRead {
  readonly account: string;
  readonly source: Source;
  readonly id: string;
  /** `either`: if the source knows no call of this id, tries it as the id of a transaction. Credira has only calls. */
  readonly idOf: 'call' | 'either';
}

/** Place up to which a call is read. */
export interface RereadPlace extends CursorTrail {
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

/** Returns the place before the first request. Without a call id, that asks for the call of a transaction. */
export function beforeReading(callId: string | null): RereadPlace {
  return { ...NOTHING_READ, callId, isFound: false };
}

type Asked = RereadCallResult | FindCallIdResult | RereadCrediraCallResult;

interface Question extends CallToRead {
  readonly place: RereadPlace;
  readonly precedingWaits: number;
  readonly priorityKey: number;
}

/** Makes the next request that reads a call. */
export function askAboutCall(question: Question): Promise<Asked> {
  return ASK[question.source](question);
}

const ASK: Readonly<Record<Source, (question: Question) => Promise<Asked>>> = {
  invoca: askInvoca,
  credira: askCredira,
};

function askCredira({ account, id, precedingWaits, priorityKey }: Question): Promise<Asked> {
  const { rereadCrediraCall } = activitiesOf({ account, priorityKey });
  return rereadCrediraCall.executeWithOptions({ summary: `call ${id}` }, [{ account, callId: id, precedingWaits }]);
}

function askInvoca({ account, id, place, precedingWaits, priorityKey }: Question): Promise<Asked> {
  const { rereadCall, findCallId } = activitiesOf({ account, priorityKey });
  const { callId, cursor, pageLimit } = place;
  if (callId === null) {
    const request = { account, transactionId: id, precedingWaits };
    return findCallId.executeWithOptions({ summary: `call of transaction ${id}` }, [request]);
  }
  const summary = cursor === null ? `call ${callId}` : `call ${callId} after ${cursor}`;
  return rereadCall.executeWithOptions({ summary }, [{ account, callId, cursor, pageLimit, precedingWaits }]);
}

function activitiesOf(options: { account: string; priorityKey: number }) {
  return proxyActivities<ApiActivities>(pageActivityOptions(options));
}

/**
 * Returns the place after an answer. `isEnd`: it was the last answer.
 * @throws non-retryable `CursorRepeated` if the source repeats its pages
 */
export function placeAfter(
  { id, idOf }: Pick<CallToRead, 'id' | 'idOf'>,
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
