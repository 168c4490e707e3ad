import { createHash } from 'node:crypto';
import type { Collection, Db } from 'mongodb';
import { describing, isOnlyDuplicates } from './errors.js';

/** A row that could not be stored as part of a call. */
export interface RejectedRow {
  readonly callId?: string | null;
  readonly transactionId: string | null;
  /** Says which rule the row breaks; quotes nothing of its contents. */
  readonly reason: string;
  /** JSON text of the row. */
  readonly raw: string;
}

interface RejectDocument {
  /** SHA-256 of account and raw row, hex: the same row read again is the same reject. */
  readonly _id: string;
  readonly account: string;
  /** `<stream>/<seq>` of the page it was first seen on. */
  readonly page: string;
  readonly callId: string | null;
  readonly transactionId: string | null;
  readonly reason: string;
  readonly raw: string;
  readonly seenAt: Date;
}

interface RejectsOfPage {
  readonly account: string;
  /** `<stream>/<seq>` */
  readonly page: string;
  readonly rejects: readonly RejectedRow[];
  readonly seenAt: Date;
}

/** The collection `rejects`. */
export class RejectStore {
  readonly #rejects: Collection<RejectDocument>;

  constructor(db: Db) {
    this.#rejects = db.collection('rejects');
  }

  /** Every row is stored afterwards, those already there untouched. Returns how many are new. */
  async record(ofPage: RejectsOfPage): Promise<number> {
    if (ofPage.rejects.length === 0) return 0;
    const documents = ofPage.rejects.map((reject) => toDocument(ofPage, reject));
    return describing(`rejects: recording ${documents.length} rows of ${ofPage.page}`, () => this.#insert(documents));
  }

  async count(account: string): Promise<number> {
    return describing(`rejects: counting those of account ${account}`, () => this.#rejects.countDocuments({ account }));
  }

  async #insert(documents: readonly RejectDocument[]): Promise<number> {
    try {
      return (await this.#rejects.insertMany(documents, { ordered: false })).insertedCount;
    } catch (error) {
      if (!isOnlyDuplicates(error)) throw error;
      return error.insertedCount;
    }
  }
}

function toDocument({ account, page, seenAt }: RejectsOfPage, reject: RejectedRow): RejectDocument {
  const { callId = null, transactionId, reason, raw } = reject;
  const _id = createHash('sha256').update(`${account}\n${raw}`).digest('hex');
  return { _id, account, page, callId, transactionId, reason, raw, seenAt };
}
