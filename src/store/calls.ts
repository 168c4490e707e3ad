import type { Db, Filter } from 'mongodb';
import type { TranscriptStatus } from '../domain/transcript.js';
import type { CallDocument, StoredCall } from './call-document.js';
import { callDocumentId, toStoredCall } from './call-document.js';
import { describing } from './errors.js';
import { mergeTransactions, type MergeRequest, type MergeResult } from './merge-transactions.js';

/** How many of the newest calls are looked through for an example. */
const EXAMPLE_CANDIDATES = 1_000;

export interface CallSummary {
  /** Erased calls are not counted. */
  readonly calls: number;
  readonly newestStartedAt: Date | null;
  /** How many calls have each status; a status no call has is left out. */
  readonly transcripts: Readonly<Partial<Record<TranscriptStatus, number>>>;
}

export interface CallStore {
  /**
   * Every row is part of its call's document afterwards, or among the rejects, whoever else writes the same calls at the
   * same time; a call that says nothing new is not written, an erased one is left alone.
   */
  mergeTransactions(request: MergeRequest): Promise<MergeResult>;
  /** A call by its id, or by the id of one of its transactions; `account` null looks in all and takes the newest. */
  find(wanted: { account: string | null; id: string }): Promise<StoredCall | null>;
  /** Among the newest calls the one with the most corrections, then the most transactions: what merging is good for. */
  example(account: string): Promise<StoredCall | null>;
  summary(account: string): Promise<CallSummary>;
}

export function createCallStore(db: Db): CallStore {
  const calls = db.collection<CallDocument>('calls');

  async function newestWhere(doing: string, filter: Filter<CallDocument>): Promise<StoredCall | null> {
    const document = await describing(`calls: ${doing}`, () => calls.findOne(filter, { sort: { startedAt: -1 } }));
    return document === null ? null : toStoredCall(document);
  }

  return {
    mergeTransactions: (request) => mergeTransactions(calls, request),

    async find({ account, id }) {
      const doing = `looking for ${id}`;
      // The stub of an erased call has neither account nor call id.
      const byCallId = account === null ? { callId: id } : { _id: callDocumentId({ account, callId: id }), account };
      const byTransactionId = { ...(account === null ? {} : { account }), 'transactions.transactionId': id };
      return (await newestWhere(doing, byCallId)) ?? (await newestWhere(doing, byTransactionId));
    },

    async example(account) {
      const [best] = await describing(`calls: choosing an example of account ${account}`, () =>
        calls
          .aggregate<{ _id: string }>([
            { $match: { account } },
            { $sort: { startedAt: -1 } },
            { $limit: EXAMPLE_CANDIDATES },
            { $project: { rows: { $size: '$transactions' }, corrections: corrections() } },
            { $sort: { corrections: -1, rows: -1, _id: 1 } },
            { $limit: 1 },
          ])
          .toArray(),
      );
      return best === undefined ? null : newestWhere(`reading an example of account ${account}`, { _id: best._id });
    },

    async summary(account) {
      const newest = await newestStart(account);
      const statuses = await describing(`calls: counting those of account ${account}`, () =>
        calls
          .aggregate<{ _id: TranscriptStatus; calls: number }>([
            { $match: { account } },
            { $group: { _id: '$transcript.status', calls: { $sum: 1 } } },
          ])
          .toArray(),
      );
      return {
        calls: statuses.reduce((sum, status) => sum + status.calls, 0),
        newestStartedAt: newest,
        transcripts: Object.fromEntries(statuses.map((status) => [status._id, status.calls])),
      };
    },
  };

  async function newestStart(account: string): Promise<Date | null> {
    const newest = await describing(`calls: looking for the newest of account ${account}`, () =>
      calls.findOne({ account }, { sort: { startedAt: -1 }, projection: { _id: 0, startedAt: 1 } }),
    );
    return newest?.startedAt ?? null;
  }
}

function corrections(): object {
  const isCorrection = { $ne: [{ $ifNull: ['$$row.correctsTransactionId', null] }, null] };
  return { $size: { $filter: { input: '$transactions', as: 'row', cond: isCorrection } } };
}
