import type { Collection, Filter } from 'mongodb';
import {
  type CallDocument,
  type ErasedCall,
  callDocumentId,
  changedFields,
  type CrediraDocument,
} from './call-document.js';
import { describing } from '../errors.js';
import { inOneAnswer } from '../one-answer.js';
import { mergeTransactions, type MergeRequest } from './merge-transactions.js';
import { crediraCallOf, mergeCredira } from '../../domain/credira/credira-call.js';
import { ALL_BUT_TRANSCRIPT, type CallWrite, readCalls, revisionOf } from './call-writes.js';
import { settleWrites } from './settle-writes.js';

export interface RemergeRequest extends Omit<MergeRequest, 'transactions' | 'recompute'> {
  /** Id of the last call already done; null to begin with the first. */
  readonly after: string | null;
  readonly limit: number;
  /** Selects calls by their start, `to` excluded; null for all. */
  readonly startedAt: { readonly from: Date; readonly to: Date } | null;
}

export interface RemergeResult {
  readonly calls: number;
  readonly changed: number;
  /** Id of the last call done; null if no call is left. */
  readonly last: string | null;
}

/**
 * Recomputes the next calls of an account from their stored rows, in the order of their ids. Calls that stay the
 * same, and erased ones, are not written. Throws the errors of `settleWrites`.
 */
export async function remergeCalls(calls: Collection<CallDocument>, request: RemergeRequest): Promise<RemergeResult> {
  const { after: _after, limit: _limit, startedAt: _startedAt, ...merge } = request;
  const { callIds, last } = await listNextCalls(calls, request);
  const { changed } = await mergeTransactions(calls, { ...merge, transactions: [], recompute: callIds });
  return { calls: callIds.length, changed, last };
}

/** The point at which a remerge continues, and how many calls it may take. */
export type RemergePlace = Pick<RemergeRequest, 'account' | 'after' | 'limit' | 'startedAt'>;

/** Returns the ids of the next calls without erased ones; `last` is null if they are fewer than `limit`. */
async function listNextCalls(
  calls: Collection<CallDocument>,
  place: RemergePlace,
): Promise<{ callIds: string[]; last: string | null }> {
  const { account, after, limit } = place;
  const found = await describing(`calls: listing the calls of account ${account} after ${after ?? 'the start'}`, () =>
    calls
      .find(nextCalls(place), { sort: { _id: 1 }, limit, ...inOneAnswer(limit) })
      .project<Pick<CallDocument, '_id'> & Partial<ErasedCall>>({ erasedAt: 1 })
      .toArray(),
  );
  const callIdOf = (id: string): string => id.slice(prefixOf(account).length);
  const callIds = found.filter(({ erasedAt }) => erasedAt === undefined).map(({ _id }) => callIdOf(_id));
  const last = found.length < limit ? undefined : found.at(-1)?._id;
  return { callIds, last: last === undefined ? null : callIdOf(last) };
}

function nextCalls({ account, after, startedAt }: RemergePlace): Filter<CallDocument> {
  // A semicolon follows the colon that ends the account's name, so this is every id of the account and no other.
  const _id = { $gt: callDocumentId({ account, callId: after ?? '' }), $lt: `${account};` };
  return startedAt === null ? { _id } : { _id, account, startedAt: { $gte: startedAt.from, $lt: startedAt.to } };
}

function prefixOf(account: string): string {
  return callDocumentId({ account, callId: '' });
}

type WholeCall = Omit<CrediraDocument, 'transcript'> | ErasedCall;

/**
 * Recomputes the next calls of a Credira account from their stored fields, in the order of their ids. Calls that
 * stay the same, and erased ones, are not written. Throws the errors of `settleWrites`.
 */
export async function remergeCrediraCalls(
  calls: Collection<CallDocument>,
  request: RemergePlace,
): Promise<RemergeResult> {
  const { account } = request;
  const { callIds, last } = await listNextCalls(calls, request);
  const { changed } = await settleWrites({
    calls,
    batch: callIds.map((callId) => callDocumentId({ account, callId })),
    plan: async (ids) => {
      const found = await readCalls<WholeCall>({ calls, ids, fields: ALL_BUT_TRANSCRIPT });
      const writes = [...found.values()].flatMap((call) => writeOf(call) ?? []);
      return { ids, writes: writes.map(({ write }) => write), again: writes.map(({ id }) => id) };
    },
  });
  return { calls: callIds.length, changed, last };
}

/** Returns the write of a recomputed call; null if it is erased or stays the same. */
function writeOf(before: WholeCall): { readonly id: string; readonly write: CallWrite } | null {
  if ('erasedAt' in before) return null;
  const fields = mergeCredira(crediraCallOf(before));
  if (changedFields(before, fields).length === 0) return null;
  return { id: before._id, write: revisionOf({ before, fields }) };
}
