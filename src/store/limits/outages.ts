import type { Collection, Db } from 'mongodb';
import { anyOf } from '../any-of.js';
import { describing, isDuplicateKey } from '../errors.js';

/** A source that gives no usable answer: every request since `since` has failed. */
export interface Outage {
  readonly since: Date;
  /** Time of the last failed request. */
  readonly at: Date;
  /** Reason of that failure and what to do, in words for an operator. */
  readonly reason: string;
}

interface OutageDocument extends Outage {
  /** The account. */
  readonly _id: string;
}

interface NotedFailure {
  readonly account: string;
  readonly at: Date;
  readonly reason: string;
}

/** The collection `outages`: one document for each account whose source does not answer now. */
export class OutageStore {
  readonly #outages: Collection<OutageDocument>;

  constructor(db: Db) {
    this.#outages = db.collection('outages');
  }

  /** Notes a failed request, which begins an outage or prolongs it. */
  async note(failure: NotedFailure): Promise<void> {
    await describing(`outages: noting the outage of account ${failure.account}`, async () => {
      try {
        await this.#upsert(failure);
      } catch (error) {
        // Another request of the account began the same outage at this moment.
        if (!isDuplicateKey(error)) throw error;
        await this.#upsert(failure);
      }
    });
  }

  /** Ends the outage, if there is one, because a request was answered. */
  async end(account: string): Promise<void> {
    // Mostly there is none, and a read costs less than a write that finds nothing.
    if ((await this.read(account)) === null) return;
    await describing(`outages: ending the outage of ${account}`, () => this.#outages.deleteOne({ _id: account }));
  }

  /** Returns the outage; null while the source answers. */
  async read(account: string): Promise<Outage | null> {
    return describing(`outages: reading the outage of account ${account}`, () =>
      this.#outages.findOne<Outage>({ _id: account }, { projection: { _id: 0 } }),
    );
  }

  /** Returns the outages of those of the accounts whose source does not answer. */
  async readMany(accounts: readonly string[]): Promise<ReadonlyMap<string, Outage>> {
    const outages = await describing(`outages: reading the outages of ${accounts.length} accounts`, () =>
      this.#outages.find({ _id: anyOf(accounts) }).toArray(),
    );
    return new Map(outages.map(({ _id, since, at, reason }) => [_id, { since, at, reason }]));
  }

  async #upsert({ account, at, reason }: NotedFailure): Promise<void> {
    await this.#outages.updateOne(
      { _id: account },
      { $set: { at, reason }, $setOnInsert: { since: at } },
      { upsert: true },
    );
  }
}
