import { randomUUID } from 'node:crypto';
import type { Collection, Db } from 'mongodb';
import { anyOf } from '../any-of.js';
import type { CallDocument } from '../calls/call-document.js';
import { type CallCounts, countDirectly } from './direct-count.js';
import { describing, insertNew, isDuplicateKey } from '../errors.js';
import { NO_SAMPLE, observedDelay, readabilityOf } from '../transcripts/transcript-summary.js';
import { addedUp, type BucketCounts, type BucketFacts, countBucket } from './bucket-counts.js';
import { type CountRun, NOT_COUNTED } from './count-run.js';
import {
  type Bucket,
  bucketOf,
  bucketsOf,
  freshBuckets,
  OTHER_BUCKETS,
  piecesOfSpan,
  type Span,
} from './call-buckets.js';

/** Number of calls up to which they are counted when asked for: of all accounts asked for together. */
const COUNTED_DIRECTLY = 20_000;
const COUNT_EVERY_MS = 60_000;
/** Time after which another worker continues the count of one that has died. */
const LEASE_MS = 10 * 60_000;
/** Far more than the clocks of a worker and the server are apart, and a stamp is older than its write. */
const MARGIN_MS = 2 * 60_000;
/** Buckets counted again in each run although no change is known: those counted longest ago. */
const ROTATED = 20;
/** Share of its time, at most, that a slow server spends counting. */
const BUSY_SHARE = 1 / 5;

interface Counting {
  readonly account: string;
  readonly now: () => Date;
  /** Ends the count when aborted; a later one continues. */
  readonly signal?: AbortSignal | undefined;
}

/**
 * The collections `callCounts` and `callCountRuns`: the number of calls by day, kept by the workers, so that the
 * status of millions of calls costs as little as that of a few.
 */
export class CallCountStore {
  readonly #calls: Collection<CallDocument>;
  readonly #buckets: Collection<BucketCounts>;
  readonly #runs: Collection<CountRun>;
  readonly #countedDirectly: number;

  constructor(db: Db, countedDirectly = COUNTED_DIRECTLY) {
    this.#countedDirectly = countedDirectly;
    this.#calls = db.collection('calls');
    this.#buckets = db.collection('callCounts');
    this.#runs = db.collection('callCountRuns');
  }

  /** Returns the counts of the account, as {@link CallCountStore.readMany} does. */
  async read(account: string, now = new Date()): Promise<CallCounts> {
    return (await this.readMany([account], now)).get(account) ?? NOT_COUNTED;
  }

  /**
   * Returns the counts of these accounts: exact ones if they have few calls together, else those that a worker made
   * last. An account that no worker has counted yet is left out if all calls are too many to count.
   */
  async readMany(accounts: readonly string[], now = new Date()): Promise<ReadonlyMap<string, CallCounts>> {
    return describing(`callCounts: reading the counts of ${accounts.length} accounts`, async () => {
      const runs = await this.#runs.find({ _id: anyOf(accounts) }).toArray();
      const counted = runs.filter(({ countedAt }) => countedAt !== null);
      const others = accounts.filter((account) => !counted.some(({ _id }) => _id === account));
      const areFew = counted.reduce((sum, { calls }) => sum + calls, 0) <= this.#countedDirectly;
      const small = [
        ...(areFew ? counted.map(({ _id }) => _id) : []),
        ...(others.length > 0 && (await this.#areFew()) ? others : []),
      ];
      const counts = small.length === 0 ? [] : await countDirectly({ calls: this.#calls, accounts: small, now });
      const kept = areFew ? [] : counted.map(async (run) => [run._id, await this.#keptCounts(run._id, run)] as const);
      return new Map([...counts, ...(await Promise.all(kept))]);
    });
  }

  /**
   * Counts again what may have changed since the last count: the days of changed calls, the newest days, and in
   * rotation some others. Does nothing if a worker has counted within a minute, or counts now, or if the calls are few.
   * Of any number of callers one counts. Returns true if it has counted.
   */
  async refresh({ account, now, signal }: Counting): Promise<boolean> {
    return describing(`callCounts: counting the calls of account ${account}`, async () => {
      const startedAt = now();
      const run = await this.#claim(account, startedAt);
      if (run === null) return false;
      const counting: ClaimedCount = { account, now, signal, run, startedAt };
      const isCounted = run.countedAt === null ? await this.#countAll(counting) : await this.#countChanged(counting);
      if (!isCounted) return false;
      const totals = await this.#sum(account, startedAt);
      const readability = await readabilityOf(this.#calls, account);
      const since = await this.#sampleSince(account);
      const observedDelaySeconds = await observedDelay({ calls: this.#calls, account, since });
      const facts = { calls: totals.calls, totals, readability, observedDelaySeconds };
      // The first count takes long whatever the server.
      if (run.countedAt === null) {
        const dueAt = new Date(now().getTime() + COUNT_EVERY_MS);
        return this.#note(counting, { ...facts, pieces: 0, countedAt: run.beganAt, dueAt, lease: null });
      }
      const tookMs = now().getTime() - startedAt.getTime();
      const dueAt = new Date(startedAt.getTime() + Math.max(COUNT_EVERY_MS, tookMs / BUSY_SHARE));
      return this.#note(counting, { ...facts, pieces: run.pieces + 1, countedAt: startedAt, dueAt, lease: null });
    });
  }

  /** Estimates: a real server answers at once, whatever the size. */
  async #areFew(): Promise<boolean> {
    return (await this.#calls.estimatedDocumentCount()) <= this.#countedDirectly;
  }

  async #claim(account: string, now: Date): Promise<CountRun | null> {
    const lease = randomUUID();
    const dueAt = new Date(now.getTime() + LEASE_MS);
    const claimed = await this.#runs.findOneAndUpdate(
      { _id: account, dueAt: { $lte: now } },
      { $set: { dueAt, lease } },
      { returnDocument: 'after' },
    );
    if (claimed !== null) return claimed;
    if ((await this.#runs.findOne({ _id: account })) !== null || (await this.#areFew())) return null;
    const first: CountRun = {
      ...{ _id: account, beganAt: now, pieces: 0, countedAt: null, calls: 0, dueAt, lease },
      ...NO_SAMPLE,
    };
    return (await insertNew(this.#runs, [first])) === 1 ? first : null;
  }

  /** Counts all pieces of time that are left. Returns false if it was aborted, or lost its lease. */
  async #countAll(counting: ClaimedCount): Promise<boolean> {
    const { account, now, run } = counting;
    if (run.pieces === 0 && !(await this.#count(counting, OTHER_BUCKETS))) return false;
    for (const [index, piece] of piecesOfSpan(run.beganAt).entries()) {
      const buckets = index < run.pieces ? [] : await this.#bucketsIn(account, piece);
      if (buckets.length === 0) continue;
      if (!(await this.#count(counting, buckets))) return false;
      const { calls } = await this.#sum(account, now());
      const dueAt = new Date(now().getTime() + LEASE_MS);
      if (!(await this.#note(counting, { pieces: index + 1, calls, dueAt }))) return false;
    }
    return true;
  }

  /** Returns the days of a piece of time; none if no call started in it. */
  async #bucketsIn(account: string, { from, to }: Span): Promise<Bucket[]> {
    const inIt = { account, startedAt: { $gte: from, $lt: to } };
    const isEmpty = (await this.#calls.findOne(inIt, { projection: { _id: 1 } })) === null;
    return isEmpty ? [] : bucketsOf({ from, to });
  }

  async #countChanged(counting: ClaimedCount): Promise<boolean> {
    const { account, run, startedAt } = counting;
    const since = new Date((run.countedAt?.getTime() ?? 0) - MARGIN_MS);
    const changed = await this.#calls
      .aggregate<{ _id: string | null }>([
        { $match: { account, updatedAt: { $gte: since } } },
        { $group: { _id: { $dateToString: { date: '$startedAt', format: '%Y-%m-%dT00:00:00.000Z' } } } },
      ])
      .toArray();
    const oldest = await this.#buckets
      .find({ account }, { sort: { countedAt: 1 }, limit: ROTATED, projection: { bucket: 1 } })
      .toArray();
    // The next piece in turn, because the rotation knows only days that were counted before.
    const pieces = piecesOfSpan(run.beganAt);
    const piece = pieces[run.pieces % pieces.length];
    const inTurn = piece === undefined ? [] : await this.#bucketsIn(account, piece);
    const days = changed.map(({ _id: day }) => bucketOf(day === null ? null : new Date(day)));
    const buckets = new Set([...days, ...freshBuckets(startedAt), ...oldest.map(({ bucket }) => bucket), ...inTurn]);
    return this.#count(counting, [...buckets]);
  }

  /** Counts buckets one after the other. Returns false if it was aborted. */
  async #count({ account, now, signal }: ClaimedCount, buckets: readonly Bucket[]): Promise<boolean> {
    for (const bucket of buckets) {
      if (signal?.aborted === true) return false;
      await this.#store(await countBucket({ calls: this.#calls, account, bucket, now: now() }));
    }
    return true;
  }

  /** Stores the count of a bucket, unless a later one is stored. */
  async #store(counted: BucketCounts): Promise<void> {
    const isLater = { $lt: ['$countedAt', counted.countedAt] };
    const { matchedCount } = await this.#buckets.updateOne({ _id: counted._id }, [
      { $replaceWith: { $cond: [isLater, { $literal: counted }, '$$ROOT'] } },
    ]);
    if (matchedCount > 0 || counted.calls === 0) return;
    await this.#buckets.insertOne(counted).catch((error: unknown) => {
      // Another worker has counted it meanwhile.
      if (!isDuplicateKey(error)) throw error;
    });
  }

  /** Notes the progress. Returns false if another worker has taken over. */
  async #note({ account, run }: ClaimedCount, changes: Partial<Omit<CountRun, '_id'>>): Promise<boolean> {
    const { matchedCount } = await this.#runs.updateOne({ _id: account, lease: run.lease }, { $set: changes });
    return matchedCount === 1;
  }

  /** Returns what a worker counted last. */
  async #keptCounts(account: string, { totals, countedAt, ...sample }: CountRun): Promise<CallCounts> {
    const { nextLookAt = null, ...sums } = totals ?? (await this.#sum(account, countedAt ?? new Date(0)));
    const { readability, observedDelaySeconds } = sample;
    return { ...sums, nextLookAt, readability, observedDelaySeconds, countedAt };
  }

  async #sum(account: string, now: Date): Promise<BucketFacts> {
    const buckets = await this.#buckets.find({ account }).toArray();
    // The looks that a bucket counted longer ago was to have next may be over.
    const isToCome = ({ nextLookAt }: BucketFacts): boolean => nextLookAt != null && nextLookAt > now;
    return addedUp(buckets.map((facts) => (isToCome(facts) ? facts : { ...facts, nextLookAt: null })));
  }

  /** Returns the start of the newest days that together have enough stored transcripts for a sample. */
  async #sampleSince(account: string): Promise<Date> {
    const days = await this.#buckets.find({ account, newestStartedAt: { $type: 'date' } }).toArray();
    const newestFirst = days.toSorted((a, b) => (a.bucket < b.bucket ? 1 : -1));
    let available = 0;
    for (const { bucket, byStatus } of newestFirst) {
      available += byStatus.available ?? 0;
      if (available >= 2_000 && !OTHER_BUCKETS.includes(bucket)) return new Date(`${bucket}T00:00:00Z`);
    }
    return new Date(0);
  }
}

interface ClaimedCount extends Counting {
  readonly run: CountRun;
  readonly startedAt: Date;
}
