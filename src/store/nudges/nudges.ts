import type { Collection, Db } from 'mongodb';
import type { NudgeCounts, NudgeNote } from '../../domain/nudges/nudge-counts.js';
import { anyOf } from '../any-of.js';
import { describing, isDuplicateKey } from '../errors.js';

/** Counts of an account's webhooks, and the instant of the last one; null if none came. */
export interface NudgeSummary extends NudgeCounts {
  readonly lastAt: Date | null;
}

interface NudgesDocument extends NudgeSummary {
  /** The account. */
  readonly _id: string;
  /** The last note that was added. */
  readonly noted: Pick<NudgeNote, 'writer' | 'number'>;
}

export const NO_NUDGES: NudgeSummary = { received: 0, read: 0, dropped: 0, notShown: 0, failed: 0, lastAt: null };

/** The collection `nudges`: one document for each account that has received webhooks. */
export class NudgeStore {
  readonly #nudges: Collection<NudgesDocument>;

  constructor(db: Db) {
    this.#nudges = db.collection('nudges');
  }

  /** Adds the counts of a note. Returns false, and changes nothing, if the note was added before. */
  async add({ account, writer, number, news, lastAt }: NudgeNote): Promise<boolean> {
    const { missed: _, ...counts } = news;
    return describing(`nudges: adding counts of account ${account}`, async () => {
      try {
        const isNew = { $or: [{ 'noted.writer': { $ne: writer } }, { 'noted.number': { $lt: number } }] };
        await this.#nudges.updateOne(
          { _id: account, ...isNew },
          {
            $inc: counts,
            $set: { noted: { writer, number } },
            ...(lastAt !== null && { $max: { lastAt: new Date(lastAt) } }),
          },
          { upsert: true },
        );
        return true;
      } catch (error) {
        // The account has a document, to which this note was added before.
        if (isDuplicateKey(error)) return false;
        throw error;
      }
    });
  }

  /** Returns the counts of those of the accounts that have received webhooks. */
  async readMany(accounts: readonly string[]): Promise<ReadonlyMap<string, NudgeSummary>> {
    const found = await describing(`nudges: reading the counts of ${accounts.length} accounts`, () =>
      this.#nudges.find({ _id: anyOf(accounts) }).toArray(),
    );
    return new Map(found.map(({ _id, noted: _, ...counts }) => [_id, { ...NO_NUDGES, ...counts }]));
  }

  /** Returns the counts of an account. */
  async read(account: string): Promise<NudgeSummary> {
    return (await this.readMany([account])).get(account) ?? NO_NUDGES;
  }
}
