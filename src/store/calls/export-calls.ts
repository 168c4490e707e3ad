import type { Collection, Filter } from 'mongodb';
import type { TranscriptState } from '../../domain/transcripts/transcript.js';
import { type AnyStoredCall, type CallDocument, toStoredCall } from './call-document.js';
import { readOn } from '../read-on.js';

export interface ExportRequest {
  readonly account: string;
  /** Calls that started in this time; null for all, those without a known start among them. */
  readonly started: { readonly from: Date; readonly before: Date } | null;
  /** Calls whose document changed at this instant or later; null for all. */
  readonly changedSince: Date | null;
  /** Whether the conversations come too. */
  readonly withTranscripts: boolean;
}

type Conversation = 'text' | 'turns' | 'analysis';

type WithoutConversation<Call extends AnyStoredCall> = Call extends AnyStoredCall
  ? Omit<Call, 'transcript'> & {
      readonly transcript: Omit<TranscriptState, Conversation> & Partial<Pick<TranscriptState, Conversation>>;
    }
  : never;

/** A call as it is stored; what was said only where it was asked for. */
export type ExportedCall = WithoutConversation<AnyStoredCall>;

const CONVERSATION = { 'transcript.text': 0, 'transcript.turns': 0, 'transcript.analysis': 0 };

/** Calls in memory at once. */
const BATCH_CALLS = 100;

/**
 * The account's calls one after the other, by their start, or by their last change where only changes are asked for;
 * however slowly they are taken. Erased calls are left out.
 */
export async function* exportCalls(
  calls: Collection<CallDocument>,
  request: ExportRequest,
): AsyncGenerator<ExportedCall, void, undefined> {
  const order = orderOf(request);
  const options = {
    sort: { [order]: 1 },
    batchSize: BATCH_CALLS,
    ...(request.withTranscripts ? {} : { projection: CONVERSATION }),
  } as const;
  const documents = readOn<CallDocument>({
    doing: `calls: exporting those of account ${request.account}`,
    open: (last) => calls.find(filterOf(request, last?.[order] ?? null), options),
    placeOf: (call) => call[order]?.getTime() ?? null,
  });
  for await (const document of documents) yield toStoredCall(document);
}

/** `reached` is the instant from which on there are calls left; null where there are some without one. */
function filterOf(request: ExportRequest, reached: Date | null): Filter<CallDocument> {
  const { account, started, changedSince } = request;
  const order = orderOf(request);
  const bounds: Filter<CallDocument>[] = [
    { account },
    ...(started === null ? [] : [{ startedAt: { $gte: started.from, $lt: started.before } }]),
    ...(changedSince === null ? [] : [{ updatedAt: { $gte: changedSince } }]),
    ...(reached === null ? [] : [{ [order]: { $gte: reached } }]),
  ];
  return { $and: bounds };
}

/** That of the index that narrows most. */
function orderOf({ started, changedSince }: ExportRequest): 'updatedAt' | 'startedAt' {
  return started === null && changedSince !== null ? 'updatedAt' : 'startedAt';
}
