import type { Collection, Filter, Sort } from 'mongodb';
import type { TranscriptState } from '../domain/transcript.js';
import { type AnyStoredCall, type CallDocument, toStoredCall } from './call-document.js';
import { describing } from './errors.js';

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
 * The account's calls one after the other, by their start, or by their last change where only changes are asked for. No
 * more than a batch is in memory, however slowly they are taken. Erased calls are left out.
 */
export async function* exportCalls(
  calls: Collection<CallDocument>,
  request: ExportRequest,
): AsyncGenerator<ExportedCall, void, undefined> {
  const cursor = calls.find(filterOf(request), {
    sort: sortOf(request),
    batchSize: BATCH_CALLS,
    ...(request.withTranscripts ? {} : { projection: CONVERSATION }),
  });
  try {
    for (;;) {
      const document = await describing(`calls: exporting those of account ${request.account}`, () => cursor.next());
      if (document === null) return;
      yield toStoredCall(document);
    }
  } finally {
    await cursor.close();
  }
}

function filterOf({ account, started, changedSince }: ExportRequest): Filter<CallDocument> {
  return {
    account,
    ...(started === null ? {} : { startedAt: { $gte: started.from, $lt: started.before } }),
    ...(changedSince === null ? {} : { updatedAt: { $gte: changedSince } }),
  };
}

/** By the index that narrows most. */
function sortOf({ started, changedSince }: ExportRequest): Sort {
  return started === null && changedSince !== null ? { updatedAt: 1 } : { startedAt: 1 };
}
