import type { Collection, Db, UpdateFilter } from 'mongodb';
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
export interface CursorChange {
  readonly at: Date;
  readonly from: string | null;
  readonly to: string | null;
  readonly reason: string;
}

/** Rows that a cursor set forward may have left out: some that the source first showed after `from`, up to `to`. */
export interface CursorGap {
  /** Null where the feed had never been read to its end. */
  readonly from: Date | null;
  readonly to: Date;
}

/** Whether the source knows the cursor, when an empty page left that open. */
export interface CursorCheck {
  readonly cursor: string;
  readonly at: Date;
  readonly isKnown: boolean;
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
  /** The last one; null where none was needed yet. It may be of another cursor than the one that holds. */
  readonly cursorCheck: CursorCheck | null;
  /** The operators' changes, oldest first, the last 100. */
  readonly history: readonly CursorChange[];
  /** What those changes may have left out, oldest first. */
  readonly gaps: readonly CursorGap[];
}

interface CheckpointDocument extends Omit<Checkpoint, 'stream' | 'cursorCheck' | 'gaps'> {
  /** The stream. */
  readonly _id: string;
  readonly cursorCheck?: CursorCheck;
  readonly gaps?: readonly CursorGap[];
}

interface StreamStart {
  readonly stream: string;
  readonly account: string;
  readonly cursor: string | null;
  readonly pageLimit: number;
}

/** Where a writer believes a stream to be. */
interface Place {
  readonly stream: string;
  readonly seq: number;
}

interface AdvancedPage extends Place {
  readonly cursor: string | null;
  readonly pageLimit: number;
  readonly cleanPages: number;
  readonly receipt: Receipt;
}

interface CursorMove extends Place {
  readonly cursor: string | null;
  readonly change: CursorChange;
  /** What the change may leave out; null where everything between was read. */
  readonly gap: CursorGap | null;
}

/** `moved`: the checkpoint is no longer at the `seq` given, somebody else has this stream; nothing was written. */
export type Advance = 'advanced' | 'moved';

/** The collection `checkpoints`. */
export class CheckpointStore {
  readonly #checkpoints: Collection<CheckpointDocument>;

  constructor(db: Db) {
    this.#checkpoints = db.collection('checkpoints');
  }

  /** The stream's checkpoint as it is; where there is none yet, one at seq 0 with the cursor and page limit given. */
  async open(start: StreamStart): Promise<Checkpoint> {
    const existing = await this.read(start.stream);
    if (existing !== null) return existing;
    await describing(`checkpoints: opening ${start.stream}`, () => this.#insert(firstCheckpoint(start)));
    const opened = await this.read(start.stream);
    if (opened === null) throw new Error(`The checkpoint of ${start.stream} was deleted while it was being opened.`);
    return opened;
  }

  async read(stream: string): Promise<Checkpoint | null> {
    const document = await describing(`checkpoints: reading ${stream}`, () =>
      this.#checkpoints.findOne({ _id: stream }),
    );
    return document === null ? null : toCheckpoint(document);
  }

  /** Compare-and-set on `seq`: of any number of writers at one `seq` exactly one advances it, to `seq` + 1. */
  async advance({ stream, seq, cursor, pageLimit, cleanPages, receipt }: AdvancedPage): Promise<Advance> {
    const changes = { seq: seq + 1, cursor, pageLimit, cleanPages, receipt, lastPageAt: receipt.at };
    const totals = { 'totals.pages': 1, 'totals.rows': receipt.rows };
    return this.#updateAt({ stream, seq }, { $set: changes, $inc: totals });
  }

  /** An empty page: the stream stays at `seq` and is known to have been at its end. */
  async caughtUp({ at, ...place }: Place & { at: Date }): Promise<Advance> {
    return this.#updateAt(place, { $set: { caughtUpAt: at } });
  }

  /** An empty page hid nothing: the source knows the cursor, and the feed was at its end at `at`. */
  async caughtUpAtKnownCursor({ at, check, ...place }: Place & { at: Date; check: CursorCheck }): Promise<Advance> {
    return this.#updateAt(place, { $set: { caughtUpAt: at, cursorCheck: check } });
  }

  /** An empty page was no end of the feed: the source does not know the cursor. */
  async cursorUnknown({ check, ...place }: Place & { check: CursorCheck }): Promise<Advance> {
    return this.#updateAt(place, { $set: { cursorCheck: check } });
  }

  /** An operator's change: whoever drains the stream meanwhile finds another `seq` and leaves it alone. */
  async move({ cursor, change, gap, ...place }: CursorMove): Promise<Advance> {
    return this.#updateAt(place, {
      $set: { seq: place.seq + 1, cursor, receipt: null },
      $push: { history: { $each: [change], $slice: -100 }, ...(gap === null ? {} : { gaps: gap }) },
    });
  }

  /** The next page is asked for with another limit; the stream stays at `seq`. */
  async setPageLimit({ pageLimit, ...place }: Place & { pageLimit: number }): Promise<Advance> {
    return this.#updateAt(place, { $set: { pageLimit, cleanPages: 0 } });
  }

  /** By stream; of all accounts where none is given. */
  async list(account?: string): Promise<Checkpoint[]> {
    const filter = account === undefined ? {} : { account };
    const documents = await describing('checkpoints: listing them', () =>
      this.#checkpoints.find(filter).sort({ _id: 1 }).toArray(),
    );
    return documents.map(toCheckpoint);
  }

  /** Somebody else may have inserted it since: then that one stays. */
  async #insert(document: CheckpointDocument): Promise<void> {
    try {
      await this.#checkpoints.insertOne(document);
    } catch (error) {
      if (!isDuplicateKey(error)) throw error;
    }
  }

  async #updateAt({ stream, seq }: Place, update: UpdateFilter<CheckpointDocument>): Promise<Advance> {
    const { matchedCount } = await describing(`checkpoints: writing ${stream} at seq ${seq}`, () =>
      this.#checkpoints.updateOne({ _id: stream, seq }, update),
    );
    return matchedCount === 1 ? 'advanced' : 'moved';
  }
}

function firstCheckpoint({ stream, account, cursor, pageLimit }: StreamStart): CheckpointDocument {
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

function toCheckpoint({ _id, cursorCheck, gaps = [], ...rest }: CheckpointDocument): Checkpoint {
  return { stream: _id, ...rest, cursorCheck: cursorCheck ?? null, gaps };
}
