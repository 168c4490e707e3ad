import type { Collection, Db, Filter } from 'mongodb';
import { type CallDocument, callDocumentId } from '../calls/call-document.js';
import { describing, insertNew } from '../errors.js';
import { inOneAnswer } from '../one-answer.js';

/** A stored call that the source should show to a verification. */
interface ExpectedCall {
  /** `<run>/<call id>` */
  readonly _id: string;
  /** First run id of the workflow. */
  readonly run: string;
  readonly callId: string;
  /** Revision of the call when it was listed. */
  readonly revision: number;
  /** True once the source has shown a row of the call. */
  readonly shown: boolean;
  readonly listedAt: Date;
}

type ListedCall = Pick<CallDocument, '_id' | 'callId' | 'revision'> & { readonly startedAt: Date };

interface Started {
  readonly from: Date;
  /** Excluded. */
  readonly to: Date;
}

interface CallsToList {
  readonly run: string;
  readonly account: string;
  readonly startedAt: Started;
  readonly listedAt: Date;
  /** Number of calls after which this listing ends. Calls that start at one instant are never separated. */
  readonly limit: number;
}

interface CallsToJudge {
  readonly run: string;
  readonly account: string;
  readonly startedAt: Started;
  /** Last call that was judged; null to begin with the first. */
  readonly after: string | null;
  readonly limit: number;
}

/** Number of calls that are written, or judged, at once. */
const BATCH_CALLS = 1_000;
const BATCH_REMOVED = 10_000;
/** Calls are sought in slices of this length, because the stand-in reads and sorts all that a filter finds. */
const SLICE_MS = 24 * 3_600_000;

/**
 * The collection `expected`: the calls that were stored when a verification began, and which of them the source has
 * shown since. The verification removes its own at its end; the server deletes the others after a month.
 */
export class ExpectedCallStore {
  readonly #expected: Collection<ExpectedCall>;
  readonly #calls: Collection<CallDocument>;

  constructor(db: Db) {
    this.#expected = db.collection('expected');
    this.#calls = db.collection('calls');
  }

  /**
   * Lists calls that started in this time, the earliest first. Calls listed before stay unchanged. Returns the start of
   * the first call that is left; null if none is.
   */
  async list({ startedAt: { from, to }, limit, ...list }: CallsToList): Promise<Date | null> {
    let left = limit;
    for (let start = from; start < to;) {
      const end = new Date(Math.min(to.getTime(), start.getTime() + SLICE_MS));
      const { listed, next } = await this.#listSlice({ ...list, startedAt: { from: start, to: end }, limit: left });
      left -= listed;
      start = next ?? end;
      if (left <= 0) return start < to ? start : null;
    }
    return null;
  }

  async #listSlice(slice: CallsToList): Promise<{ listed: number; next: Date | null }> {
    const { run, account, startedAt, listedAt, limit } = slice;
    const inOrder = { sort: { startedAt: 1 }, batchSize: BATCH_CALLS } as const;
    const doing = `calls: listing the calls of account ${account} that started from ${startedAt.from.toISOString()} on`;
    return describing(doing, async () => {
      const stored = this.#calls
        .find({ account, startedAt: { $gte: startedAt.from, $lt: startedAt.to } }, inOrder)
        .project<ListedCall>({ callId: 1, revision: 1, startedAt: 1 });
      let listed = 0;
      let last: Date | null = null;
      let batch: ExpectedCall[] = [];
      for await (const call of stored) {
        if (listed >= limit && call.startedAt.getTime() !== last?.getTime()) {
          await this.#insert(batch);
          return { listed, next: call.startedAt };
        }
        const { callId, revision } = call;
        batch.push({ _id: `${run}/${callId}`, run, callId, revision, shown: false, listedAt });
        listed += 1;
        last = call.startedAt;
        if (batch.length < BATCH_CALLS) continue;
        await this.#insert(batch);
        batch = [];
      }
      await this.#insert(batch);
      return { listed, next: null };
    });
  }

  async #insert(batch: readonly ExpectedCall[]): Promise<void> {
    if (batch.length > 0) await insertNew(this.#expected, batch);
  }

  /** Notes that the source has shown these calls; ignores those that were not listed. */
  async markShown({ run, callIds }: { run: string; callIds: readonly string[] }): Promise<void> {
    const ids = callIds.map((callId) => `${run}/${callId}`);
    await describing(`expected: marking up to ${ids.length} calls as shown`, () =>
      this.#expected.updateMany({ _id: { $in: ids } }, { $set: { shown: true } }),
    );
  }

  /** Returns the calls of the account that have one of these transactions. */
  async callsOf({
    account,
    transactionIds,
  }: {
    account: string;
    transactionIds: readonly string[];
  }): Promise<readonly string[]> {
    if (transactionIds.length === 0) return [];
    const filter: Filter<CallDocument> = { account, 'transactions.transactionId': { $in: transactionIds } };
    const found = await describing(`calls: looking for the calls of ${transactionIds.length} transactions`, () =>
      this.#calls.find(filter).project<Pick<CallDocument, 'callId'>>({ _id: 0, callId: 1 }).toArray(),
    );
    return found.map(({ callId }) => callId);
  }

  /**
   * Takes the next listed calls that the source has not shown, by call id, and returns those of them that are gone:
   * still stored, still of this time, and unchanged since they were listed. A call that was changed meanwhile may have
   * been shown to a drain after its place was passed. `last` is null if no call is left.
   */
  async nextGone({ run, account, startedAt, after, limit }: CallsToJudge): Promise<{
    gone: readonly string[];
    last: string | null;
  }> {
    const unshown = await describing(`expected: listing what was not shown to run ${run}`, () =>
      this.#expected
        .find({ run, shown: false, ...(after !== null && { callId: { $gt: after } }) }, { sort: { callId: 1 }, limit })
        .project<Pick<ExpectedCall, 'callId' | 'revision'>>({ _id: 0, callId: 1, revision: 1 })
        .toArray(),
    );
    const gone: string[] = [];
    for (let start = 0; start < unshown.length; start += BATCH_CALLS) {
      const batch = unshown.slice(start, start + BATCH_CALLS);
      const revisions = await this.#revisions({ account, startedAt, callIds: batch.map(({ callId }) => callId) });
      gone.push(
        ...batch.filter(({ callId, revision }) => revisions.get(callId) === revision).map(({ callId }) => callId),
      );
    }
    return { gone, last: unshown.length < limit ? null : (unshown.at(-1)?.callId ?? null) };
  }

  /** Returns the revisions of those of the calls that are stored, not erased, and started in this time. */
  async #revisions({
    account,
    startedAt: { from, to },
    callIds,
  }: {
    account: string;
    startedAt: Started;
    callIds: readonly string[];
  }): Promise<ReadonlyMap<string, number>> {
    const ids = callIds.map((callId) => callDocumentId({ account, callId }));
    // Only by their key, because beside another condition the stand-in does not use it.
    const found = await describing(`calls: reading the revisions of ${ids.length} calls of account ${account}`, () =>
      this.#calls
        .find({ _id: { $in: ids } }, inOneAnswer(ids.length))
        .project<Pick<CallDocument, 'callId' | 'revision'> & Partial<Pick<CallDocument, 'startedAt'>>>({
          callId: 1,
          revision: 1,
          startedAt: 1,
        })
        .toArray(),
    );
    // An erased call has no start.
    const isOfThisTime = (start: Date | null): boolean => start !== null && start >= from && start < to;
    return new Map(
      found.filter(({ startedAt = null }) => isOfThisTime(startedAt)).map(({ callId, revision }) => [callId, revision]),
    );
  }

  /** Deletes what was listed for the run. */
  async remove(run: string): Promise<void> {
    // A digit follows the slash that ends the run's id, so this is every id of the run and no other.
    const ofRun = { $gte: `${run}/`, $lt: `${run}0` };
    for (;;) {
      const next = await describing(`expected: looking for what was listed for run ${run}`, () =>
        this.#expected
          .find({ _id: ofRun }, { sort: { _id: 1 }, skip: BATCH_REMOVED - 1, limit: 1 })
          .project<Pick<ExpectedCall, '_id'>>({ _id: 1 })
          .next(),
      );
      const _id = next === null ? ofRun : { ...ofRun, $lte: next._id };
      await describing(`expected: deleting what was listed for run ${run}`, () => this.#expected.deleteMany({ _id }));
      if (next === null) return;
    }
  }
}
