import type { Collection, Filter } from 'mongodb';
import type { CallDocument, ErasedCall } from './call-document.js';
import { callDocumentId } from './call-document.js';
import { describing } from '../errors.js';
import { mergeTransactions, type MergeRequest } from './merge-transactions.js';

export interface RemergeRequest extends Omit<MergeRequest, 'transactions' | 'recompute'> {
  /** The last call already done; null begins with the first. */
  readonly after: string | null;
  readonly limit: number;
  /** Only calls that started then, `to` excluded; null for all. */
  readonly startedAt: { readonly from: Date; readonly to: Date } | null;
}

export interface RemergeResult {
  readonly calls: number;
  readonly changed: number;
  /** The last call done; null where there is none left. */
  readonly last: string | null;
}

/**
 * Computes the next calls of an account, in the order of their ids, anew from their stored rows. A call that says
 * afterwards what it said before is not written; erased ones are left alone.
 */
export async function remergeCalls(calls: Collection<CallDocument>, request: RemergeRequest): Promise<RemergeResult> {
  const { after: _after, limit: _limit, startedAt: _startedAt, ...merge } = request;
  const { callIds, last } = await listNextCalls(calls, request);
  const { changed } = await mergeTransactions(calls, { ...merge, transactions: [], recompute: callIds });
  return { calls: callIds.length, changed, last };
}

/** Where a remerge goes on, and how far. */
export type RemergePlace = Pick<RemergeRequest, 'account' | 'after' | 'limit' | 'startedAt'>;

/** The ids of the next calls of an account, erased ones left out; `last` is null where there are none after them. */
export async function listNextCalls(
  calls: Collection<CallDocument>,
  place: RemergePlace,
): Promise<{ callIds: string[]; last: string | null }> {
  const { account, after, limit } = place;
  const found = await describing(`calls: listing those of account ${account} after ${after ?? 'the start'}`, () =>
    calls
      .find(nextCalls(place), { sort: { _id: 1 }, limit, batchSize: limit + 1 })
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
