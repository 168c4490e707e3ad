import { createHash } from 'node:crypto';
import type { Db } from 'mongodb';
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

export interface RejectStore {
  /** Every row is stored afterwards, those already there untouched. Returns how many are new. */
  record(page: { account: string; page: string; rejects: readonly RejectedRow[]; seenAt: Date }): Promise<number>;
  count(account: string): Promise<number>;
}

export function createRejectStore(db: Db): RejectStore {
  const collection = db.collection<RejectDocument>('rejects');
  return {
    async record({ account, page, rejects, seenAt }) {
      if (rejects.length === 0) return 0;
      const documents = rejects.map((reject) => toDocument({ account, page, reject, seenAt }));
      return describing(`rejects: recording ${rejects.length} rows of ${page}`, async () => {
        try {
          return (await collection.insertMany(documents, { ordered: false })).insertedCount;
        } catch (error) {
          if (!isOnlyDuplicates(error)) throw error;
          return error.insertedCount;
        }
      });
    },

    async count(account) {
      return describing(`rejects: counting those of account ${account}`, () => collection.countDocuments({ account }));
    },
  };
}

function toDocument({
  account,
  page,
  reject,
  seenAt,
}: {
  account: string;
  page: string;
  reject: RejectedRow;
  seenAt: Date;
}): RejectDocument {
  const { callId = null, transactionId, reason, raw } = reject;
  const _id = createHash('sha256').update(`${account}\n${raw}`).digest('hex');
  return { _id, account, page, callId, transactionId, reason, raw, seenAt };
}
