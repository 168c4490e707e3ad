import { type Collection, type Document, MongoBulkWriteError } from 'mongodb';
import type { CallDocument, CrediraDocument, ErasedCall, MergedFields } from './call-document.js';
import { WRITE_CONCERN } from '../server/connect.js';
import { describing, indexesOfOutgrown } from '../errors.js';
import type { CallTransaction, Transaction } from '../../domain/invoca/transaction.js';

/** A stored call as the merge reads it: its rows, and where it was read as a whole, what had been made of them. */
export type ExistingCall =
  (Pick<CallDocument, '_id' | 'transactions' | 'revision'> & Partial<MergedFields>) | ErasedCall;

/** One call to be created or changed. */
export type CallWrite =
  | { readonly insertOne: { readonly document: CallDocument } }
  | { readonly updateOne: { readonly filter: { readonly _id: string }; readonly update: Document[] } };

/** Fields of a document that are read: all that the merge owns, and more. */
export const ALL_BUT_TRANSCRIPT = { transcript: 0 } as const;

/** The calls of these document ids that are stored, erased ones among them, as far as `fields` has them. */
export async function readCalls<Call extends { readonly _id: string }>({
  calls,
  ids,
  fields,
}: {
  calls: Collection<CallDocument>;
  ids: readonly string[];
  fields: Document;
}): Promise<ReadonlyMap<string, Call>> {
  const found = await describing(`calls: reading ${ids.length} calls from ${ids[0]} on`, () =>
    calls
      .find({ _id: { $in: ids } }, { batchSize: ids.length + 1 })
      .project<Call>(fields)
      .toArray(),
  );
  return new Map(found.map((call) => [call._id, call]));
}

/** Creates the call, unless another writer has created it: then nothing is written. */
export function creationOf(document: CallDocument | CrediraDocument): CallWrite {
  // The type of the collection knows the documents of transaction feeds alone.
  return { insertOne: { document: document as CallDocument } };
}

/**
 * Changes the call, unless another writer has changed or erased it since it was read: then nothing is written.
 *
 * The filter names the id alone and the guard stands inside the update: so the server finds the document by its key and
 * reports a write that gave way as one that modified nothing. What the merge does not own is taken from the document as
 * it is at that moment, so that a transcript written meanwhile stays.
 */
export function revisionOf({
  before,
  fields,
  updatedAt,
}: {
  before: { readonly _id: string; readonly revision: number };
  /** All that the merge owns. */
  fields: object;
  updatedAt: Date;
}): CallWrite {
  const isAsRead = { $and: [{ $eq: ['$revision', before.revision] }, { $not: ['$erasedAt'] }] };
  // Without $literal a text that begins with a dollar would be read as the name of a field.
  const changes = { $literal: { ...fields, revision: before.revision + 1, updatedAt } };
  const changed = { $mergeObjects: ['$$ROOT', changes] };
  return {
    updateOne: {
      filter: { _id: before._id },
      update: [{ $replaceWith: { $cond: [isAsRead, changed, '$$ROOT'] } }],
    },
  };
}

/** What came of writing calls. Those that are neither counted nor named gave way to another writer. */
export interface WrittenCalls {
  readonly created: number;
  readonly changed: number;
  /** Document ids of calls that were left as they are, because they would have outgrown their document. */
  readonly outgrown: readonly string[];
}

/** Writes each call on its own. */
export async function writeCalls({
  calls,
  writes,
  doing,
}: {
  calls: Collection<CallDocument>;
  writes: readonly CallWrite[];
  doing: string;
}): Promise<WrittenCalls> {
  if (writes.length === 0) return { created: 0, changed: 0, outgrown: [] };
  return describing(`calls: ${doing}`, async () => {
    try {
      const result = await calls.bulkWrite(writes, { ordered: false, writeConcern: WRITE_CONCERN });
      return { created: result.insertedCount, changed: result.modifiedCount, outgrown: [] };
    } catch (error) {
      const outgrown = indexesOfOutgrown(error);
      if (outgrown === null || !(error instanceof MongoBulkWriteError)) throw error;
      return {
        created: error.insertedCount,
        changed: error.modifiedCount,
        outgrown: outgrown.flatMap((index) => idOf(writes[index]) ?? []),
      };
    }
  });
}

function idOf(write: CallWrite | undefined): string | null {
  if (write === undefined) return null;
  return 'insertOne' in write ? write.insertOne.document._id : write.updateOne.filter._id;
}

/** Enough for round trips to matter little, few enough for a heartbeat now and then. */
const BATCH_CALLS = 500;

/** Rows by the id of their call. */
export type RowsByCall = ReadonlyMap<string, readonly Transaction[]>;

/** Each of `callIds` is there too, with no rows where there are none. */
export function groupByCall(transactions: readonly CallTransaction[], callIds: readonly string[] = []): RowsByCall {
  const rows = new Map<string, Transaction[]>(callIds.map((callId) => [callId, []]));
  for (const { callId, transaction } of transactions) {
    const ofCall = rows.get(callId);
    if (ofCall === undefined) rows.set(callId, [transaction]);
    else ofCall.push(transaction);
  }
  return rows;
}

/** As many calls at a time as are read and written together. */
export function* batchesOf(rows: RowsByCall): Generator<RowsByCall> {
  const entries = [...rows];
  for (let start = 0; start < entries.length; start += BATCH_CALLS) {
    yield new Map(entries.slice(start, start + BATCH_CALLS));
  }
}
