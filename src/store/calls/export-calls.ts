import type { Collection, Filter } from 'mongodb';
import type { ErasedLine } from '../../domain/document/exported-line.js';
import type { TranscriptState } from '../../domain/transcripts/transcript.js';
import { type AnyStoredCall, type CallDocument, type ErasedCall, IS_KEPT, toStoredCall } from './call-document.js';
import { readOn } from '../read-on.js';

export interface ExportRequest {
  readonly account: string;
  /** Calls that started in this time; null for all, including those without a known start. */
  readonly started: { readonly from: Date; readonly before: Date } | null;
  /**
   * Calls whose document changed at this instant or later, and all calls erased since, because an erased call has no
   * start any more. Null for all calls but no erased ones.
   */
  readonly changedSince: Date | null;
  /** True to include text, turns and analysis of the transcripts. */
  readonly withTranscripts: boolean;
}

type Conversation = 'text' | 'turns' | 'analysis';

type WithoutConversation<Call extends AnyStoredCall> = Call extends AnyStoredCall
  ? Omit<Call, 'transcript'> & {
      readonly transcript: Omit<TranscriptState, Conversation> & Partial<Pick<TranscriptState, Conversation>>;
    }
  : never;

/** A call as it is stored; the parts of a conversation only if they were asked for. */
export type ExportedCall = WithoutConversation<AnyStoredCall>;

/** An erased call as readers of an export see it, so that they can erase their copy. */
export type ExportedErasure = ErasedLine;

export type ExportedLine = ExportedCall | ExportedErasure;

const CONVERSATION = { 'transcript.text': 0, 'transcript.turns': 0, 'transcript.analysis': 0 };

/** Number of calls in memory at once. */
const BATCH_CALLS = 100;

/**
 * Yields the account's calls one after the other, however slowly they are taken: by start, or by last change if
 * `changedSince` is given.
 */
export async function* exportCalls(
  calls: Collection<CallDocument>,
  request: ExportRequest,
): AsyncGenerator<ExportedLine, void, undefined> {
  const order = orderOf(request);
  const options = {
    sort: { [order]: 1 },
    batchSize: BATCH_CALLS,
    ...(request.withTranscripts ? {} : { projection: CONVERSATION }),
  } as const;
  const documents = readOn<CallDocument | WithStart<ErasedCall>>({
    doing: `calls: exporting the calls of account ${request.account}`,
    open: (last) => calls.find(filterOf(request, last?.[order] ?? null), options),
    placeOf: (call) => call[order]?.getTime() ?? null,
  });
  for await (const document of documents) {
    yield 'erasedAt' in document ? toErasure(document) : toStoredCall(document);
  }
}

/** A stub, which has no start. */
type WithStart<Stub> = Stub & { readonly startedAt?: undefined };

function toErasure({ _id, account, callId, erasedAt, updatedAt }: ErasedCall): ExportedErasure {
  return { _id, account, callId, erased: true, erasedAt, updatedAt };
}

/** Returns the filter of the calls left. `reached` is the place of the last call read; null if there is none. */
function filterOf(request: ExportRequest, reached: Date | null): Filter<CallDocument> {
  const { account, started, changedSince } = request;
  const order = orderOf(request);
  const isStarted = started === null ? null : { startedAt: { $gte: started.from, $lt: started.before } };
  const isErased = { erasedAt: { $exists: true } };
  const bounds: Filter<CallDocument>[] = [
    { account },
    ...(changedSince === null ? [IS_KEPT] : [{ updatedAt: { $gte: changedSince } }]),
    ...(isStarted === null ? [] : [changedSince === null ? isStarted : { $or: [isStarted, isErased] }]),
    ...(reached === null ? [] : [{ [order]: { $gte: reached } }]),
  ];
  return { $and: bounds };
}

/** Returns the field to sort by. */
function orderOf({ changedSince }: ExportRequest): 'updatedAt' | 'startedAt' {
  return changedSince === null ? 'startedAt' : 'updatedAt';
}
