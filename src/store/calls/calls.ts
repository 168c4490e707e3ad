import type { Collection, Db, Filter } from 'mongodb';
import {
  type AnyStoredCall,
  type CallDocument,
  type CrediraDocument,
  type ErasedCall,
  type StoredCall,
  callDocumentId,
  IS_KEPT,
  toStoredCall,
} from './call-document.js';
import { type CallDifference, compareTransactions, type CompareRequest } from './compare-transactions.js';
import { type CallsByStatus, countByStatus } from '../transcripts/transcript-summary.js';
import { anyOf } from '../any-of.js';
import { describing } from '../errors.js';
import { exportCalls, type ExportedLine, type ExportRequest } from './export-calls.js';
import { mergeTransactions, type MergeRequest, type MergeResult } from './merge-transactions.js';
import { remergeCalls, type RemergeRequest, type RemergeResult } from './remerge-calls.js';
import { type CallTotals, countTotals, type TotalsRequest } from './totals.js';

/** Number of newest calls that are searched for an example. */
const EXAMPLE_CANDIDATES = 1_000;

export interface CallSummary {
  /** Erased calls are not counted. */
  readonly calls: number;
  readonly newestStartedAt: Date | null;
  readonly transcripts: CallsByStatus;
}

/** The collection `calls`. */
export class CallStore {
  readonly #db: Db;
  readonly #calls: Collection<CallDocument>;

  constructor(db: Db) {
    this.#db = db;
    this.#calls = db.collection('calls');
  }

  /** Merges rows into the documents of their calls, as the function `mergeTransactions` describes. */
  async mergeTransactions(request: MergeRequest): Promise<MergeResult> {
    return mergeTransactions(this.#calls, request);
  }

  /** Returns what merging these rows would create or change, call by call. Writes nothing. */
  async compareTransactions(request: CompareRequest): Promise<CallDifference[]> {
    return compareTransactions(this.#calls, request);
  }

  /** Recomputes the next calls of the account from their stored rows, in the order of their ids. */
  async remerge(request: RemergeRequest): Promise<RemergeResult> {
    return remergeCalls(this.#calls, request);
  }

  /** Adds up the account's calls by day, or by another key. Erased calls are not counted. */
  async totals(request: TotalsRequest): Promise<CallTotals> {
    return countTotals(this.#calls, request);
  }

  /** Counts the stored calls that started at `from` or later and before `to`. */
  async countStarted({ account, from, to }: { account: string; from: Date; to: Date }): Promise<number> {
    return describing(`calls: counting the calls of account ${account} from ${from.toISOString()} on`, () =>
      this.#calls.countDocuments({ account, startedAt: { $gte: from, $lt: to } }),
    );
  }

  /**
   * Counts the amounts of the calls that cannot be read as a number, for those of the accounts that have any. Reads
   * only an index.
   */
  async countUnreadableAmounts(accounts: readonly string[]): Promise<ReadonlyMap<string, number>> {
    const unreadable = { account: anyOf(accounts), 'provenance.unreadableAmounts': { $gt: 0 } };
    const counted = await describing(`calls: counting the unreadable amounts of ${accounts.length} accounts`, () =>
      this.#calls
        .aggregate<{ _id: string; amounts: number }>([
          { $match: unreadable },
          { $group: { _id: '$account', amounts: { $sum: '$provenance.unreadableAmounts' } } },
        ])
        .toArray(),
    );
    return new Map(counted.map(({ _id, amounts }) => [_id, amounts]));
  }

  /**
   * Finds a call of a transaction feed by its id, or by the id of one of its transactions. Looks in all accounts if
   * `account` is null and returns the newest; null if there is none.
   */
  async find(wanted: { account: string | null; id: string }): Promise<StoredCall | null> {
    const call = await this.findOfAnySource(wanted);
    return call !== null && 'transactions' in call ? call : null;
  }

  /** Finds a call like `find`, whatever its source. */
  async findOfAnySource({ account, id }: { account: string | null; id: string }): Promise<AnyStoredCall | null> {
    const doing = `looking for the call or transaction ${id}`;
    const byCallId = account === null ? { callId: id } : { _id: callDocumentId({ account, callId: id }) };
    const ofAccount = ({ account: found }: AnyStoredCall): boolean => account === null || found === account;
    return (
      (await this.#newest(doing, byCallId, ofAccount)) ??
      (await this.#newest(doing, { 'transactions.transactionId': id }, ofAccount))
    );
  }

  /** Returns those of the call ids that have a document, even if it is the stub of an erased call. */
  async stored({ account, callIds }: { account: string; callIds: readonly string[] }): Promise<ReadonlySet<string>> {
    const callIdOf = new Map(callIds.map((callId) => [callDocumentId({ account, callId }), callId]));
    const documents = await describing(
      `calls: checking which of ${callIds.length} calls of account ${account} are stored`,
      () =>
        this.#calls
          .find({ _id: { $in: [...callIdOf.keys()] } })
          .project<{ _id: string }>({ _id: 1 })
          .toArray(),
    );
    return new Set(documents.flatMap(({ _id }) => callIdOf.get(_id) ?? []));
  }

  /** Returns the best example of a merge among the newest calls: most corrections, then most transactions. */
  async example(account: string): Promise<AnyStoredCall | null> {
    const doing = `choosing an example of account ${account}`;
    const [best] = await describing(`calls: ${doing}`, () =>
      this.#calls
        .aggregate<{ _id: string }>([
          { $match: { account, ...IS_KEPT } },
          { $sort: { startedAt: -1 } },
          { $limit: EXAMPLE_CANDIDATES },
          { $project: { rows: { $size: TRANSACTIONS }, corrections: corrections() } },
          { $sort: { corrections: -1, rows: -1, _id: 1 } },
          { $limit: 1 },
        ])
        .toArray(),
    );
    return best === undefined ? null : this.#newest(doing, { _id: best._id }, () => true);
  }

  /** Yields calls one after the other, ordered by start, or by last change if `changedSince` is given. */
  export(request: ExportRequest): AsyncGenerator<ExportedLine, void, undefined> {
    return exportCalls(this.#calls, request);
  }

  /** Returns the names of the account's Signals or custom data in every spelling; null if there are more. */
  async namesOf({
    account,
    list,
    atMost,
  }: {
    account: string;
    list: 'signals' | 'customData';
    atMost: number;
  }): Promise<string[] | null> {
    const names = await describing(`calls: reading the names of the ${list} of account ${account}`, () =>
      this.#calls
        .aggregate<{ _id: string }>([
          { $match: { account } },
          { $project: { [`${list}.name`]: 1 } },
          { $unwind: `$${list}` },
          { $group: { _id: `$${list}.name` } },
          { $limit: atMost + 1 },
        ])
        .toArray(),
    );
    return names.length > atMost ? null : names.map(({ _id }) => _id);
  }

  /** Reads the server's time, and the id that the server gave the collection; null if there is no collection yet. */
  async standing(): Promise<{ readonly collection: string | null; readonly serverTime: Date }> {
    return describing('calls: reading the id of the collection, and the time', async () => {
      const { localTime } = await this.#db.command({ hello: 1 });
      const [collection] = await this.#db.listCollections({ name: 'calls' }).toArray();
      const id = collection !== undefined && 'info' in collection ? collection.info.uuid : undefined;
      return { collection: id?.toString('hex') ?? null, serverTime: new Date(localTime as Date) };
    });
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
    const newest = await describing(`calls: looking for the newest call of account ${account}`, () =>
      this.#calls.findOne({ account }, { sort: { startedAt: -1 }, projection: { _id: 0, startedAt: 1 } }),
    );
    return newest?.startedAt ?? null;
  }

  /** The filter has one condition, because beside another one the stand-in uses no index; few calls meet it. */
  async #newest(
    doing: string,
    filter: Filter<CallDocument>,
    isWanted: (call: AnyStoredCall) => boolean,
  ): Promise<AnyStoredCall | null> {
    const documents = await describing(`calls: ${doing}`, () =>
      this.#calls.find<CallDocument | CrediraDocument | ErasedCall>(filter).sort({ startedAt: -1 }).toArray(),
    );
    const kept = documents.flatMap((document) => ('erasedAt' in document ? [] : toStoredCall(document)));
    return kept.find(isWanted) ?? null;
  }
}

/** Expression for a call's transactions: none for other sources. */
const TRANSACTIONS = { $ifNull: ['$transactions', []] };

function corrections(): object {
  const isCorrection = { $ne: [{ $ifNull: ['$$row.correctsTransactionId', null] }, null] };
  return { $size: { $filter: { input: TRANSACTIONS, as: 'row', cond: isCorrection } } };
}
