import type { Db, UpdateFilter } from 'mongodb';
import { describing, isDuplicateKey } from './errors.js';

/** What the attempt that advanced a checkpoint did, so that a repeated attempt of it can tell and return the same. */
export interface Receipt {
  readonly runId: string;
  readonly activityId: string;
  readonly drainId: string;
  readonly cursorIn: string | null;
  readonly cursorOut: string | null;
  readonly rows: number;
  /** Documents created or changed. */
  readonly calls: number;
  readonly rejects: number;
  readonly at: Date;
}

/** A cursor moved by an operator. */
interface CursorChange {
  readonly at: Date;
  readonly from: string | null;
  readonly to: string | null;
  readonly reason: string;
}

/** How far a stream is safely written. */
export interface Checkpoint {
  readonly stream: string;
  readonly account: string;
  /** Rises by one with every page written and with every change an operator makes. */
  readonly seq: number;
  /** The last transaction id that is safely written; null at the beginning of the feed. */
  readonly cursor: string | null;
  readonly pageLimit: number;
  /** Pages since the page limit last changed. */
  readonly cleanPages: number;
  /** Of the page that brought it here; null before the first page and after a change by an operator. */
  readonly receipt: Receipt | null;
  /** Of all pages written since the checkpoint was made. */
  readonly totals: { readonly pages: number; readonly rows: number };
  readonly lastPageAt: Date | null;
  /** When the feed was last found to have nothing more. */
  readonly caughtUpAt: Date | null;
  /** The operators' changes, oldest first, the last 100. */
  readonly history: readonly CursorChange[];
}

interface CheckpointDocument extends Omit<Checkpoint, 'stream'> {
  /** The stream. */
  readonly _id: string;
}

/** `moved`: the checkpoint is no longer at the `seq` given, somebody else has this stream; nothing was written. */
export type Advance = 'advanced' | 'moved';

export interface CheckpointStore {
  /** The stream's checkpoint as it is; where there is none yet, one at seq 0 with the cursor and page limit given. */
  open(start: { stream: string; account: string; cursor: string | null; pageLimit: number }): Promise<Checkpoint>;
  read(stream: string): Promise<Checkpoint | null>;
  /** Compare-and-set on `seq`: of any number of writers at one `seq` exactly one advances it, to `seq` + 1. */
  advance(page: {
    stream: string;
    seq: number;
    cursor: string | null;
    pageLimit: number;
    cleanPages: number;
    receipt: Receipt;
  }): Promise<Advance>;
  /** An empty page: the stream stays at `seq` and is known to have been at its end. */
  caughtUp(page: { stream: string; seq: number; at: Date }): Promise<Advance>;
  /** The next page is asked for with another limit; the stream stays at `seq`. */
  setPageLimit(page: { stream: string; seq: number; pageLimit: number }): Promise<Advance>;
  /** By stream; of all accounts where none is given. */
  list(account?: string): Promise<Checkpoint[]>;
}

export function createCheckpointStore(db: Db): CheckpointStore {
  const checkpoints = db.collection<CheckpointDocument>('checkpoints');

  async function read(stream: string): Promise<Checkpoint | null> {
    const document = await describing(`checkpoints: reading ${stream}`, () => checkpoints.findOne({ _id: stream }));
    return document === null ? null : toCheckpoint(document);
  }

  async function updateAt({
    stream,
    seq,
    update,
  }: {
    stream: string;
    seq: number;
    update: UpdateFilter<CheckpointDocument>;
  }): Promise<Advance> {
    const { matchedCount } = await describing(`checkpoints: writing ${stream} at seq ${seq}`, () =>
      checkpoints.updateOne({ _id: stream, seq }, update),
    );
    return matchedCount === 1 ? 'advanced' : 'moved';
  }

  return {
    read,

    async open({ stream, account, cursor, pageLimit }) {
      const existing = await read(stream);
      if (existing !== null) return existing;
      await describing(`checkpoints: opening ${stream}`, async () => {
        try {
          await checkpoints.insertOne(firstCheckpoint({ stream, account, cursor, pageLimit }));
        } catch (error) {
          if (!isDuplicateKey(error)) throw error;
        }
      });
      const opened = await read(stream);
      if (opened === null) throw new Error(`The checkpoint of ${stream} was deleted while it was being opened.`);
      return opened;
    },

    async advance({ stream, seq, cursor, pageLimit, cleanPages, receipt }) {
      const changes = { seq: seq + 1, cursor, pageLimit, cleanPages, receipt, lastPageAt: receipt.at };
      const update = { $set: changes, $inc: { 'totals.pages': 1, 'totals.rows': receipt.rows } };
      return updateAt({ stream, seq, update });
    },

    async caughtUp({ stream, seq, at }) {
      return updateAt({ stream, seq, update: { $set: { caughtUpAt: at } } });
    },

    async setPageLimit({ stream, seq, pageLimit }) {
      return updateAt({ stream, seq, update: { $set: { pageLimit, cleanPages: 0 } } });
    },

    async list(account) {
      const documents = await describing('checkpoints: listing them', () =>
        checkpoints
          .find(account === undefined ? {} : { account })
          .sort({ _id: 1 })
          .toArray(),
      );
      return documents.map(toCheckpoint);
    },
  };
}

function firstCheckpoint({
  stream,
  account,
  cursor,
  pageLimit,
}: {
  stream: string;
  account: string;
  cursor: string | null;
  pageLimit: number;
}): CheckpointDocument {
  return {
    _id: stream,
    account,
    seq: 0,
    cursor,
    pageLimit,
    cleanPages: 0,
    receipt: null,
    totals: { pages: 0, rows: 0 },
    lastPageAt: null,
    caughtUpAt: null,
    history: [],
  };
}

function toCheckpoint({ _id, ...rest }: CheckpointDocument): Checkpoint {
  return { stream: _id, ...rest };
}
