import { type Collection, type Document, MongoBulkWriteError } from 'mongodb';
import type { CallDocument, CrediraDocument, ErasedCall, MergedFields } from './call-document.js';
import { CHANGED_NOW } from './change-stamp.js';
import { WRITE_CONCERN } from '../server/connect.js';
import { describing, indexesOfOutgrown } from '../errors.js';
import { inOneAnswer } from '../one-answer.js';
import type { CallTransaction, Transaction } from '../../domain/invoca/transaction.js';

/** A stored call as the merge reads it: its rows and, if it is read whole, the fields derived from them. */
export type ExistingCall =
  (Pick<CallDocument, '_id' | 'transactions' | 'revision'> & Partial<MergedFields>) | ErasedCall;

/** One call to create or to change. */
export type CallWrite =
  | { readonly insertOne: { readonly document: CallDocument } }
  | { readonly updateOne: { readonly filter: { readonly _id: string }; readonly update: Document[] } };

/** Projection to all fields that the merge owns, and some more. */
export const ALL_BUT_TRANSCRIPT = { transcript: 0 } as const;

/** Reads the stored calls of these document ids, including erased ones. `fields` is the projection. */
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
      .find({ _id: { $in: ids } }, inOneAnswer(ids.length))
      .project<Call>(fields)
      .toArray(),
  );
  return new Map(found.map((call) => [call._id, call]));
}

/** Returns a write that creates the call, but does nothing if another writer has created it. */
export function creationOf(document: CallDocument | CrediraDocument): CallWrite {
  // The collection's type has only the documents of transaction feeds.
  return { insertOne: { document: document as CallDocument } };
}

/**
 * Returns a write that changes the call, but does nothing if another writer has changed or erased it since it was
 * read.
 *
 * The filter names only the id and the guard is inside the update, because beside another condition the stand-in does
 * not use the key. A write that modified nothing gave way. Fields that the merge does not own keep the value they have
 * at that moment, so that a transcript written meanwhile stays.
 */
export function revisionOf({
  before,
  fields,
}: {
  before: { readonly _id: string; readonly revision: number };
  /** All fields that the merge owns. */
  fields: object;
}): CallWrite {
  const isAsRead = { $and: [{ $eq: ['$revision', before.revision] }, { $not: ['$erasedAt'] }] };
  // Without $literal a text that begins with a dollar would be read as the name of a field.
  const changes = { $literal: { ...fields, revision: before.revision + 1 } };
  const changed = { $mergeObjects: ['$$ROOT', changes, { updatedAt: CHANGED_NOW }] };
  return {
    updateOne: {
      filter: { _id: before._id },
      update: [{ $replaceWith: { $cond: [isAsRead, changed, '$$ROOT'] } }],
    },
  };
}

/** Result of writing calls. A call that is neither counted nor named here gave way to another writer. */
export interface WrittenCalls {
  readonly created: number;
  readonly changed: number;
  /** Document ids of calls left unchanged because they would have outgrown their document. */
  readonly outgrown: readonly string[];
}

/**
 * Writes each call, whatever happens to the others.
 * @throws StoreError if a write fails for any reason but giving way or outgrowing its document
 */
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

/** Longest time from the stamp of a new call to its storage; a reader of changes allows for it. */
const LATE_MS = 60_000;

/**
 * Stamps again the calls that were created, if that took so long that a reader of changes may have passed their stamp:
 * the writer's clock stamps new calls, before it sends them. Returns their number.
 */
export async function stampIfLate({
  calls,
  writes,
  tookMs,
}: {
  calls: Collection<CallDocument>;
  writes: readonly CallWrite[];
  tookMs: number;
}): Promise<number> {
  const ids = writes.flatMap((write) => ('insertOne' in write ? [write.insertOne.document._id] : []));
  if (tookMs <= LATE_MS || ids.length === 0) return 0;
  const { modifiedCount } = await describing(`calls: stamping ${ids.length} calls that were written late`, () =>
    calls.updateMany({ _id: { $in: ids } }, [{ $set: { updatedAt: CHANGED_NOW } }], { writeConcern: WRITE_CONCERN }),
  );
  return modifiedCount;
}

function idOf(write: CallWrite | undefined): string | null {
  if (write === undefined) return null;
  return 'insertOne' in write ? write.insertOne.document._id : write.updateOne.filter._id;
}

/** Calls per batch: enough that round trips hardly count, few enough for a heartbeat now and then. */
const BATCH_CALLS = 500;

/** Rows, by the id of their call. */
export type RowsByCall = ReadonlyMap<string, readonly Transaction[]>;

/** Groups rows by call. Each of `callIds` is included, even if it has no rows. */
export function groupByCall(transactions: readonly CallTransaction[], callIds: readonly string[] = []): RowsByCall {
  const rows = new Map<string, Transaction[]>(callIds.map((callId) => [callId, []]));
  for (const { callId, transaction } of transactions) {
    const ofCall = rows.get(callId);
    if (ofCall === undefined) rows.set(callId, [transaction]);
    else ofCall.push(transaction);
  }
  return rows;
}

/** Yields the calls in batches that are read and written together. */
export function* batchesOf(rows: RowsByCall): Generator<RowsByCall> {
  const entries = [...rows];
  for (let start = 0; start < entries.length; start += BATCH_CALLS) {
    yield new Map(entries.slice(start, start + BATCH_CALLS));
  }
}
