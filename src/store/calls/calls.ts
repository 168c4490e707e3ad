import type { Collection, Db, Filter } from 'mongodb';
import {
  type AnyStoredCall,
  type CallDocument,
  type CrediraDocument,
  type StoredCall,
  callDocumentId,
  toStoredCall,
} from './call-document.js';
import { type CallDifference, compareTransactions, type CompareRequest } from './compare-transactions.js';
import { type CallsByStatus, countByStatus } from '../transcripts/transcript-summary.js';
import { describing } from '../errors.js';
import { type ExportedCall, exportCalls, type ExportRequest } from './export-calls.js';
import { mergeTransactions, type MergeRequest, type MergeResult } from './merge-transactions.js';
import { remergeCalls, type RemergeRequest, type RemergeResult } from './remerge-calls.js';

/** How many of the newest calls are looked through for an example. */
const EXAMPLE_CANDIDATES = 1_000;

export interface CallSummary {
  /** Erased calls are not counted. */
  readonly calls: number;
  readonly newestStartedAt: Date | null;
  readonly transcripts: CallsByStatus;
}

/** The collection `calls`. */
export class CallStore {
  readonly #calls: Collection<CallDocument>;

  constructor(db: Db) {
    this.#calls = db.collection('calls');
  }

  /**
   * Every row is part of its call's document afterwards, or among the rejects, whoever else writes the same calls at
   * the same time; a call that says nothing new is not written, an erased one is left alone.
   */
  async mergeTransactions(request: MergeRequest): Promise<MergeResult> {
    return mergeTransactions(this.#calls, request);
  }

  /** What merging these rows would create or change, call by call. Writes nothing. */
  async compareTransactions(request: CompareRequest): Promise<CallDifference[]> {
    return compareTransactions(this.#calls, request);
  }

  /**
   * The next calls of the account, by their ids, say afterwards what their stored rows make; others are not written.
   */
  async remerge(request: RemergeRequest): Promise<RemergeResult> {
    return remergeCalls(this.#calls, request);
  }

  /** How many calls are stored that started from one instant on and before another. */
  async countStarted({ account, from, to }: { account: string; from: Date; to: Date }): Promise<number> {
    return describing(`calls: counting those of account ${account} from ${from.toISOString()} on`, () =>
      this.#calls.countDocuments({ account, startedAt: { $gte: from, $lt: to } }),
    );
  }

  /** How many amounts of the account's calls state something that cannot be read as one. Reads an index alone. */
  async countUnreadableAmounts(account: string): Promise<number> {
    const unreadable = { account, 'provenance.unreadableAmounts': { $gt: 0 } };
    const [counted] = await describing(`calls: counting the unreadable amounts of account ${account}`, () =>
      this.#calls
        .aggregate<{ amounts: number }>([
          { $match: unreadable },
          { $group: { _id: null, amounts: { $sum: '$provenance.unreadableAmounts' } } },
        ])
        .toArray(),
    );
    return counted?.amounts ?? 0;
  }

  /**
   * A call of a transaction feed by its id, or by the id of one of its transactions; `account` null looks in all and
   * takes the newest.
   */
  async find(wanted: { account: string | null; id: string }): Promise<StoredCall | null> {
    const call = await this.findOfAnySource(wanted);
    return call !== null && 'transactions' in call ? call : null;
  }

  /** As `find`, whatever the call's source. */
  async findOfAnySource({ account, id }: { account: string | null; id: string }): Promise<AnyStoredCall | null> {
    const doing = `looking for ${id}`;
    // The stub of an erased call has neither account nor call id.
    const byCallId = account === null ? { callId: id } : { _id: callDocumentId({ account, callId: id }), account };
    const byTransactionId = { ...(account === null ? {} : { account }), 'transactions.transactionId': id };
    return (await this.#newest(doing, byCallId)) ?? (await this.#newest(doing, byTransactionId));
  }

  /** Which of these calls there is a document of, be it the stub of an erased one. */
  async stored({ account, callIds }: { account: string; callIds: readonly string[] }): Promise<ReadonlySet<string>> {
    const callIdOf = new Map(callIds.map((callId) => [callDocumentId({ account, callId }), callId]));
    const documents = await describing(
      `calls: looking which of ${callIds.length} calls of account ${account} are stored`,
      () =>
        this.#calls
          .find({ _id: { $in: [...callIdOf.keys()] } })
          .project<{ _id: string }>({ _id: 1 })
          .toArray(),
    );
    return new Set(documents.flatMap(({ _id }) => callIdOf.get(_id) ?? []));
  }

  /** Among the newest calls the one with the most corrections, then the most transactions: what merging is good for. */
  async example(account: string): Promise<AnyStoredCall | null> {
    const doing = `choosing an example of account ${account}`;
    const [best] = await describing(`calls: ${doing}`, () =>
      this.#calls
        .aggregate<{ _id: string }>([
          { $match: { account } },
          { $sort: { startedAt: -1 } },
          { $limit: EXAMPLE_CANDIDATES },
          { $project: { rows: { $size: TRANSACTIONS }, corrections: corrections() } },
          { $sort: { corrections: -1, rows: -1, _id: 1 } },
          { $limit: 1 },
        ])
        .toArray(),
    );
    return best === undefined ? null : this.#newest(doing, { _id: best._id });
  }

  /** One after the other, in the order of their start, or of their last change where only changes are asked for. */
  export(request: ExportRequest): AsyncGenerator<ExportedCall, void, undefined> {
    return exportCalls(this.#calls, request);
  }

  async summary(account: string): Promise<CallSummary> {
    const transcripts = await countByStatus(this.#calls, account);
    return {
      calls: Object.values(transcripts).reduce((sum, calls) => sum + calls, 0),
      newestStartedAt: await this.#newestStart(account),
      transcripts,
    };
  }

  async #newestStart(account: string): Promise<Date | null> {
    const newest = await describing(`calls: looking for the newest of account ${account}`, () =>
      this.#calls.findOne({ account }, { sort: { startedAt: -1 }, projection: { _id: 0, startedAt: 1 } }),
    );
    return newest?.startedAt ?? null;
  }

  async #newest(doing: string, filter: Filter<CallDocument>): Promise<AnyStoredCall | null> {
    const document = await describing(`calls: ${doing}`, () =>
      this.#calls.findOne<CallDocument | CrediraDocument>(filter, { sort: { startedAt: -1 } }),
    );
    return document === null ? null : toStoredCall(document);
  }
}

/** Calls of other sources have none. */
const TRANSACTIONS = { $ifNull: ['$transactions', []] };

function corrections(): object {
  const isCorrection = { $ne: [{ $ifNull: ['$$row.correctsTransactionId', null] }, null] };
  return { $size: { $filter: { input: TRANSACTIONS, as: 'row', cond: isCorrection } } };
}
