import { createHash } from 'node:crypto';
import type { Collection, Db, Document } from 'mongodb';
import type { RejectedRow } from '../../domain/rejected-row.js';
import { callDocumentId, type CallDocument, type ErasedCall } from '../calls/call-document.js';
import { WRITE_CONCERN } from '../server/connect.js';
import { anyOf } from '../any-of.js';
import { describing, insertNew } from '../errors.js';
import { readOn } from '../read-on.js';

/** A reject without its row. */
export interface RejectSummary {
  /** SHA-256 of account and raw row in hexadecimal: the same row read again is the same reject. */
  readonly id: string;
  readonly account: string;
  /** Origin of the first reading: `<stream>/<seq>` of a page, or a run and what it asked for. */
  readonly page: string;
  readonly callId: string | null;
  readonly transactionId: string | null;
  readonly reason: string;
  readonly seenAt: Date;
}

export interface Reject extends RejectSummary {
  /** JSON text of the row, cut if it is over a cap. */
  readonly raw: string;
  /** Bytes of the row in Base64, if they are not UTF-8. */
  readonly rawBase64?: string;
}

export interface RejectDocument extends Omit<Reject, 'id'> {
  readonly _id: string;
}

/** Number of rejects deleted at once. */
const BATCH_REMOVED = 1_000;

interface NewRejects {
  readonly account: string;
  /** Origin of the rows: `<stream>/<seq>` of a page, or a run and what it asked for. */
  readonly origin: string;
  readonly rejects: readonly RejectedRow[];
  readonly seenAt: Date;
}

/** The collection `rejects`. */
export class RejectStore {
  readonly #rejects: Collection<RejectDocument>;
  readonly #calls: Collection<CallDocument | ErasedCall>;

  constructor(db: Db) {
    this.#rejects = db.collection('rejects');
    this.#calls = db.collection('calls');
  }

  /**
   * Stores the rows; rows stored before stay unchanged. Leaves out rows of erased calls, which would bring their
   * contents back. Returns the number of new ones.
   */
  async record(found: NewRejects): Promise<number> {
    const erased = await this.#erasedCalls(found);
    const kept = found.rejects.filter(({ callId }) => callId == null || !erased.has(callId));
    if (kept.length === 0) return 0;
    const documents = kept.map((reject) => toDocument(found, reject));
    return describing(`rejects: recording ${documents.length} rows of ${found.origin}`, () =>
      insertNew(this.#rejects, documents),
    );
  }

  /** Returns the ids of the erased ones among the calls that the rows name. */
  async #erasedCalls({ account, rejects }: NewRejects): Promise<ReadonlySet<string>> {
    const ids = [...new Set(rejects.flatMap(({ callId }) => callId ?? []))];
    if (ids.length === 0) return new Set();
    const stubs = await describing(`calls: looking for erased calls of account ${account}`, () =>
      this.#calls
        .find({ _id: { $in: ids.map((callId) => callDocumentId({ account, callId })) } })
        .project<Partial<ErasedCall>>({ callId: 1, erasedAt: 1 })
        .toArray(),
    );
    return new Set(stubs.flatMap(({ callId, erasedAt }) => (erasedAt === undefined ? [] : (callId ?? []))));
  }

  async count(account: string): Promise<number> {
    return describing(`rejects: counting the rejects of ${account}`, () => this.#rejects.countDocuments({ account }));
  }

  /** Counts the rejects of those of the accounts that have any. */
  async countMany(accounts: readonly string[]): Promise<ReadonlyMap<string, number>> {
    const counted = await describing(`rejects: counting the rejects of ${accounts.length} accounts`, () =>
      this.#rejects
        .aggregate<{ _id: string; rejects: number }>([
          { $match: { account: anyOf(accounts) } },
          { $group: { _id: '$account', rejects: { $sum: 1 } } },
        ])
        .toArray(),
    );
    return new Map(counted.map(({ _id, rejects }) => [_id, rejects]));
  }

  /** Returns the rejects of an account, or of all if it is null, newest first. */
  async list(account: string | null): Promise<RejectSummary[]> {
    const summaries: RejectSummary[] = [];
    const rejects = readRejects<Omit<RejectDocument, 'raw' | 'rawBase64'>>(this.#rejects, {
      account,
      doing: 'rejects: listing the rejects',
      projection: { raw: 0, rawBase64: 0 },
    });
    for await (const { _id: id, ...summary } of rejects) summaries.push({ id, ...summary });
    return summaries;
  }

  /** Returns the first two rejects whose id begins with the prefix: two show that it is ambiguous. */
  async findByPrefix(prefix: string): Promise<Reject[]> {
    const documents = await describing('rejects: looking for one by its id', () =>
      // Ids are hexadecimal: each one with the prefix comes before the prefix followed by a g.
      this.#rejects
        .find({ _id: { $gte: prefix, $lt: `${prefix}g` } })
        .sort({ _id: 1 })
        .limit(2)
        .toArray(),
    );
    return documents.map(toReject);
  }

  async read(ids: readonly string[]): Promise<Reject[]> {
    const documents = await describing(`rejects: reading ${ids.length} rejects`, () =>
      this.#rejects.find({ _id: { $in: ids } }).toArray(),
    );
    return documents.map(toReject);
  }

  /** Deletes these rejects. */
  async remove(ids: readonly string[]): Promise<void> {
    for (let start = 0; start < ids.length; start += BATCH_REMOVED) {
      const batch = ids.slice(start, start + BATCH_REMOVED);
      await describing(`rejects: deleting ${batch.length} rejects`, () =>
        this.#rejects.deleteMany({ _id: { $in: batch } }, { writeConcern: WRITE_CONCERN }),
      );
    }
  }
}

/** Yields rejects, newest first and then by id: the order of an index, so that no server has to sort them. */
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
