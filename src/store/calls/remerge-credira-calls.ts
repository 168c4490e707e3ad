import { isDeepStrictEqual } from 'node:util';
import { BSON, type Collection } from 'mongodb';
import { crediraCallOf, mergeCredira } from '../../domain/credira/credira-call.js';
import { type CallDocument, callDocumentId, type CrediraDocument, type ErasedCall } from './call-document.js';
import { type CallWrite, revisionOf } from './call-writes.js';
import { describing } from '../errors.js';
import { listNextCalls, type RemergePlace, type RemergeResult } from './remerge-calls.js';
import { settleWrites } from './settle-writes.js';

export interface CrediraRemergeRequest extends RemergePlace {
  readonly now: () => Date;
}

const ALL_BUT_TRANSCRIPT = { transcript: 0 } as const;

/**
 * Computes the next calls of an account of Credira, in the order of their ids, anew from their stored fields. A call
 * that says afterwards what it said before is not written; erased ones are left alone.
 */
export async function remergeCrediraCalls(
  calls: Collection<CallDocument>,
  request: CrediraRemergeRequest,
): Promise<RemergeResult> {
  const { account, now } = request;
  const { callIds, last } = await listNextCalls(calls, request);
  const { changed } = await settleWrites({
    calls,
    batch: callIds.map((callId) => callDocumentId({ account, callId })),
    plan: async (ids) => {
      const writes = (await readWhole(calls, ids)).flatMap((call) => writeOf(call, now) ?? []);
      return { ids, writes: writes.map(({ write }) => write), again: writes.map(({ id }) => id) };
    },
  });
  return { calls: callIds.length, changed, last };
}

async function readWhole(
  calls: Collection<CallDocument>,
  ids: readonly string[],
): Promise<(Omit<CrediraDocument, 'transcript'> | ErasedCall)[]> {
  return describing(`calls: reading ${ids.length} calls from ${ids[0]} on`, () =>
    calls
      .find({ _id: { $in: ids } }, { batchSize: ids.length + 1 })
      .project<Omit<CrediraDocument, 'transcript'> | ErasedCall>(ALL_BUT_TRANSCRIPT)
      .toArray(),
  );
}

/** Null where the call says what its fields make. */
function writeOf(
  before: Omit<CrediraDocument, 'transcript'> | ErasedCall,
  now: () => Date,
): { readonly id: string; readonly write: CallWrite } | null {
  if ('erasedAt' in before) return null;
  const fields = mergeCredira(crediraCallOf(before));
  const found = new Map<string, unknown>(Object.entries(before));
  // Through BSON, where values take the form they have when they are read.
  const expected = Object.entries(BSON.deserialize(BSON.serialize(fields, { ignoreUndefined: true })));
  if (expected.every(([name, value]) => isDeepStrictEqual(found.get(name), value))) return null;
  return { id: before._id, write: revisionOf({ before, fields, updatedAt: now() }) };
}
