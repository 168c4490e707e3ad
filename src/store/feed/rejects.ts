import { createHash } from 'node:crypto';
import type { Collection, Db, Document } from 'mongodb';
import type { RejectedRow } from '../../domain/rejected-row.js';
import { WRITE_CONCERN } from '../server/connect.js';
import { describing, insertNew } from '../errors.js';
import { readOn } from '../read-on.js';

/** A reject without its row. */
export interface RejectSummary {
  /** SHA-256 of account and raw row, hex: the same row read again is the same reject. */
  readonly id: string;
  readonly account: string;
  /** `<stream>/<seq>` of the page it was first seen on. */
  readonly page: string;
  readonly callId: string | null;
  readonly transactionId: string | null;
  readonly reason: string;
  readonly seenAt: Date;
}

export interface Reject extends RejectSummary {
  /** JSON text of the row; cut, where the row is over a cap. */
  readonly raw: string;
  /** The same byte by byte, where it is not UTF-8. */
  readonly rawBase64?: string;
}

export interface RejectDocument extends Omit<Reject, 'id'> {
  readonly _id: string;
}

/** Rejects deleted at once. */
const BATCH_REMOVED = 1_000;

interface NewRejects {
  readonly account: string;
  /** What read the rows: `<stream>/<seq>` of a page, or a run and what it asked for. */
  readonly origin: string;
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
  async record(found: NewRejects): Promise<number> {
    if (found.rejects.length === 0) return 0;
    const documents = found.rejects.map((reject) => toDocument(found, reject));
    return describing(`rejects: recording ${documents.length} rows of ${found.origin}`, () =>
      insertNew(this.#rejects, documents),
    );
  }

  async count(account: string): Promise<number> {
    return describing(`rejects: counting those of account ${account}`, () => this.#rejects.countDocuments({ account }));
  }

  /** Newest first; of all accounts where `account` is null. However many there are, they pass one after the other. */
  async list(account: string | null): Promise<RejectSummary[]> {
    const summaries: RejectSummary[] = [];
    const rejects = readRejects<Omit<RejectDocument, 'raw' | 'rawBase64'>>(this.#rejects, {
      account,
      doing: 'rejects: listing them',
      projection: { raw: 0, rawBase64: 0 },
    });
    for await (const { _id: id, ...summary } of rejects) summaries.push({ id, ...summary });
    return summaries;
  }

  /** Those whose id begins so, the first two of them. */
  async findByPrefix(prefix: string): Promise<Reject[]> {
    const documents = await describing('rejects: looking for one', () =>
      // Ids are hexadecimal: none begins with the prefix and goes on behind a g.
      this.#rejects
        .find({ _id: { $gte: prefix, $lt: `${prefix}g` } })
        .sort({ _id: 1 })
        .limit(2)
        .toArray(),
    );
    return documents.map(toReject);
  }

  async read(ids: readonly string[]): Promise<Reject[]> {
    const documents = await describing(`rejects: reading ${ids.length} of them`, () =>
      this.#rejects.find({ _id: { $in: ids } }).toArray(),
    );
    return documents.map(toReject);
  }

  /** None of these is there any more. */
  async remove(ids: readonly string[]): Promise<void> {
    for (let start = 0; start < ids.length; start += BATCH_REMOVED) {
      const batch = ids.slice(start, start + BATCH_REMOVED);
      await describing(`rejects: removing ${batch.length} of them`, () =>
        this.#rejects.deleteMany({ _id: { $in: batch } }, { writeConcern: WRITE_CONCERN }),
      );
    }
  }
}

/** Newest first, those of one instant by their id: in the order of an index, so that no server has to sort them. */
export function readRejects<Doc extends Pick<RejectDocument, '_id' | 'seenAt'>>(
  rejects: Collection<RejectDocument>,
  { account, doing, projection = {} }: { account: string | null; doing: string; projection?: Document },
): AsyncGenerator<Doc, void, undefined> {
  return readOn<Doc>({
    doing,
    open: (last) =>
      rejects
        .find({ ...(account !== null && { account }), ...(last !== null && { seenAt: { $lte: last.seenAt } }) })
        .sort({ seenAt: -1, _id: 1 })
        .project<Doc>(projection),
    placeOf: ({ seenAt }) => seenAt.getTime(),
  });
}

function toDocument({ account, origin, seenAt }: NewRejects, reject: RejectedRow): RejectDocument {
  const { callId = null, transactionId, reason, raw, rawBase64 } = reject;
  const bytes = rawBase64 === undefined ? raw : Buffer.from(rawBase64, 'base64');
  const _id = createHash('sha256').update(`${account}\n`).update(bytes).digest('hex');
  return {
    _id,
    account,
    page: origin,
    callId,
    transactionId,
    reason,
    raw,
    ...(rawBase64 !== undefined && { rawBase64 }),
    seenAt,
  };
}

function toReject({ _id: id, ...rest }: RejectDocument): Reject {
  return { id, ...rest };
}
