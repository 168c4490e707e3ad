import type { Collection, Db, Filter } from 'mongodb';
import { type CallDocument, type ErasedCall, IS_KEPT } from './call-document.js';
import { CHANGED_NOW } from './change-stamp.js';
import { WRITE_CONCERN } from '../server/connect.js';
import { countAgainSoon } from '../counts/bucket-counts.js';
import { describing } from '../errors.js';
import { readRejects, type RejectDocument } from '../feed/rejects.js';

/** A call that a privacy request concerns. */
export interface ConcernedCall {
  readonly id: string;
  readonly account: string;
  readonly callId: string;
  readonly startedAt: Date | null;
  readonly transactionIds: readonly string[];
}

/** The calls a privacy request names; `account` null stands for all accounts. */
type Request = { readonly account: string | null } & ({ readonly callId: string } | { readonly fromKey: string });

/** Fields that identify a call. Calls of Credira have no transactions. */
type Identity = Pick<CallDocument, '_id' | 'account' | 'callId' | 'startedAt'> &
  Partial<Pick<CallDocument, 'transactions'>>;

/** Number of calls erased at once. */
const BATCH_ERASED = 1_000;

/** Finds and erases what a privacy request concerns. */
export class ErasureStore {
  readonly #db: Db;
  readonly #calls: Collection<CallDocument | ErasedCall>;
  readonly #rejects: Collection<RejectDocument>;

  constructor(db: Db) {
    this.#db = db;
    this.#calls = db.collection('calls');
    this.#rejects = db.collection('rejects');
  }

  /** Returns the stored calls with this id, or with this caller (last ten digits of the number), oldest first. */
  async findCalls({ account, ...who }: Request): Promise<ConcernedCall[]> {
    const filter: Filter<CallDocument | ErasedCall> = { ...who, ...(account === null ? {} : { account }), ...IS_KEPT };
    const calls = await describing('calls: looking for the calls of a privacy request', () =>
      this.#calls
        .find(filter)
        .project<Identity>({ account: 1, callId: 1, startedAt: 1, 'transactions.transactionId': 1 })
        .toArray(),
    );
    // Sorted here, because the server would sort whole documents.
    return calls.toSorted(byStart).map(({ _id: id, transactions = [], ...call }) => ({
      id,
      account: call.account,
      callId: call.callId,
      startedAt: call.startedAt,
      transactionIds: transactions.map(({ transactionId }) => transactionId),
    }));
  }

  /** Finds the stub of an erased call, in all accounts if `account` is null; null if there is none. */
  async findStub({
    account,
    callId,
  }: {
    account: string | null;
    callId: string;
  }): Promise<Pick<ErasedCall, 'account' | 'erasedAt'> | null> {
    // One condition, because beside another one the stand-in does not use the index.
    const found = await describing(`calls: looking for what an erasure left of the call ${callId}`, () =>
      this.#calls.find({ callId }).toArray(),
    );
    const stubs = found.filter((call) => 'erasedAt' in call);
    return stubs.find((stub) => account === null || stub.account === account) ?? null;
  }

  /** Returns the ids of the rejects concerned. Reads all, one after the other, because their text has no index. */
  async findRejects(
    account: string | null,
    isConcerned: (reject: Pick<RejectDocument, 'account' | 'callId' | 'transactionId' | 'raw'>) => boolean,
  ): Promise<string[]> {
    const doing = 'rejects: looking for the rejects of a privacy request';
    const ids: string[] = [];
    for await (const reject of readRejects<RejectDocument>(this.#rejects, { account, doing })) {
      if (isConcerned(reject)) ids.push(reject._id);
    }
    return ids;
  }

  /**
   * Replaces each call with a stub that no merge, reconcile or transcript changes; a stub stays as it is. The revision
   * continues, so that a writer that has read the call before finds it changed.
   */
  async eraseCalls(ids: readonly string[], erasedAt: Date): Promise<void> {
    const stub = {
      _id: '$_id',
      account: '$account',
      callId: '$callId',
      erasedAt,
      revision: { $add: ['$revision', 1] },
      updatedAt: CHANGED_NOW,
    };
    const update = [{ $replaceWith: { $cond: ['$erasedAt', '$$ROOT', stub] } }];
    for (let start = 0; start < ids.length; start += BATCH_ERASED) {
      const batch = ids.slice(start, start + BATCH_ERASED);
      await describing(`calls: erasing ${batch.length} calls`, async () => {
        const calls = await this.#calls
          .find({ _id: { $in: batch } })
          .project<Pick<CallDocument, 'account' | 'startedAt'> | ErasedCall>({ account: 1, startedAt: 1, erasedAt: 1 })
          .toArray();
        await this.#calls.bulkWrite(
          batch.map((_id) => ({ updateOne: { filter: { _id }, update } })),
          { ordered: false, writeConcern: WRITE_CONCERN },
        );
        await countAgainSoon({ db: this.#db, calls: calls.flatMap((call) => ('erasedAt' in call ? [] : call)) });
      });
    }
  }
}

function byStart(a: Identity, b: Identity): number {
  const startMs = ({ startedAt }: Identity): number => startedAt?.getTime() ?? Number.NEGATIVE_INFINITY;
  return startMs(a) - startMs(b) || (a._id < b._id ? -1 : 1);
}
