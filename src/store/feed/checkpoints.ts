import type { Collection, Db, Document } from 'mongodb';
import type { Days } from '../../domain/days/days.js';
import type {
  Checkpoint,
  CheckpointDocument,
  CursorChange,
  CursorCheck,
  CursorGap,
  LiveStart,
  Receipt,
} from './checkpoint-types.js';
import { anyOf } from '../any-of.js';
import { describing, insertNew } from '../errors.js';

interface StreamStart {
  readonly stream: string;
  readonly account: string;
  readonly cursor: string | null;
  readonly pageLimit: number;
  /** Omitted for the live stream. */
  readonly window?: Days | null;
  /** Omitted for a stream of days. */
  readonly liveStart?: LiveStart | null;
}

/** The point at which a writer expects a stream to be. */
interface Place {
  readonly stream: string;
  readonly seq: number;
}

interface AdvancedPage extends Place {
  readonly cursor: string | null;
  readonly pageLimit: number;
  readonly cleanPages: number;
  readonly shortPages: number;
  readonly liveStart: LiveStart | null;
  readonly receipt: Receipt;
  /** Time up to which everything is stored that the feed had shown by then; null if its end is not reached. */
  readonly caughtUpAt: Date | null;
}

interface CursorMove extends Place {
  readonly cursor: string | null;
  readonly change: CursorChange;
  /** Rows that the change may leave out; null if everything between was read. */
  readonly gap: CursorGap | null;
}

/** `moved`: the checkpoint is no longer at the `seq` given, because another writer moved it; nothing was written. */
export type Advance = 'advanced' | 'moved';

/** The collection `checkpoints`. */
export class CheckpointStore {
  readonly #checkpoints: Collection<CheckpointDocument>;

  constructor(db: Db) {
    this.#checkpoints = db.collection('checkpoints');
  }

  /** Returns the stream's checkpoint. If there is none, creates it at seq 0 with the cursor and page limit given. */
  async open(start: StreamStart): Promise<Checkpoint> {
    const existing = await this.read(start.stream);
    if (existing !== null) return existing;
    // Another worker may have opened it since: then its checkpoint stays.
    await describing(`checkpoints: opening ${start.stream}`, () =>
      insertNew(this.#checkpoints, [firstCheckpoint(start)]),
    );
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

  /** Returns the checkpoints of those of the streams that have one, by stream. */
  async readMany(streams: readonly string[]): Promise<ReadonlyMap<string, Checkpoint>> {
    const documents = await describing(`checkpoints: reading ${streams.length} streams`, () =>
      this.#checkpoints.find({ _id: anyOf(streams) }).toArray(),
    );
    return new Map(documents.map((document) => [document._id, toCheckpoint(document)]));
  }

  /** Advances the checkpoint from `seq` to `seq` + 1: of any number of writers at one `seq`, exactly one succeeds. */
  async advance({ stream, seq, caughtUpAt, ...page }: AdvancedPage): Promise<Advance> {
    const { at, rows } = page.receipt;
    return this.#updateAt(
      { stream, seq },
      { ...page, seq: seq + 1, lastPageAt: at, ...(caughtUpAt !== null && { caughtUpAt }) },
      {
        ...firstAsked(at),
        totals: { pages: { $add: ['$totals.pages', 1] }, rows: { $add: ['$totals.rows', rows] } },
      },
    );
  }

  /** Notes an empty page: the feed was at its end at `at`. The stream stays at `seq`. */
  async caughtUp({ at, ...place }: Place & { at: Date }): Promise<Advance> {
    return this.#updateAt(place, { caughtUpAt: at, shortPages: 0 }, firstAsked(at));
  }

  /** Notes an empty page and that the source knows the cursor: the feed was at its end at `at`. */
  async caughtUpAtKnownCursor({ at, check, ...place }: Place & { at: Date; check: CursorCheck }): Promise<Advance> {
    return this.#updateAt(place, { caughtUpAt: at, shortPages: 0, cursorCheck: check }, firstAsked(at));
  }

  /** Notes that the source does not know the cursor: an empty page was not the end of the feed. */
  async cursorUnknown({ check, ...place }: Place & { check: CursorCheck }): Promise<Advance> {
    return this.#updateAt(place, { cursorCheck: check });
  }

  /** Moves the cursor for an operator: a worker that drains the stream then finds another `seq` and stops. */
  async move({ cursor, change, gap, ...place }: CursorMove): Promise<Advance> {
    return this.#updateAt(
      place,
      { seq: place.seq + 1, cursor, receipt: null },
      {
        history: { $slice: [{ $concatArrays: ['$history', { $literal: [change] }] }, -100] },
        gaps: { $concatArrays: [{ $ifNull: ['$gaps', []] }, { $literal: gap === null ? [] : [gap] }] },
      },
    );
  }

  /** Sets the page limit for the next request; the stream stays at `seq`. */
  async setPageLimit({ pageLimit, ...place }: Place & { pageLimit: number }): Promise<Advance> {
    return this.#updateAt(place, { pageLimit, cleanPages: 0 });
  }

  /** Returns the account's streams of days that share a day with these, ordered by stream. */
  async listDaysStreams({ account, days }: { account: string; days: Days }): Promise<Checkpoint[]> {
    const shared = { 'window.from': { $lte: days.to }, 'window.to': { $gte: days.from } };
    const documents = await describing(`checkpoints: listing streams of days of ${account}`, () =>
      this.#checkpoints
        .find({ account, ...shared })
        .sort({ _id: 1 })
        .toArray(),
    );
    return documents.map(toCheckpoint);
  }

  /** Returns the account's live stream; null before its first drain. */
  async readLive(account: string): Promise<Checkpoint | null> {
    const document = await describing(`checkpoints: reading the live stream of ${account}`, () =>
      this.#checkpoints.findOne({ account, window: null }),
    );
    return document === null ? null : toCheckpoint(document);
  }

  /** Returns the account's checkpoints, or those of all accounts, ordered by stream. */
  async list(account?: string): Promise<Checkpoint[]> {
    const filter = account === undefined ? {} : { account };
    const documents = await describing('checkpoints: listing the streams', () =>
      this.#checkpoints.find(filter).sort({ _id: 1 }).toArray(),
    );
    return documents.map(toCheckpoint);
  }

  /** Changes the checkpoint at `seq`. The guard is in the update, as for calls; only what passed it is modified. */
  async #updateAt({ stream, seq }: Place, values: Partial<Checkpoint>, computed: Document = {}): Promise<Advance> {
    const changed = { $mergeObjects: ['$$ROOT', { $literal: values }, computed] };
    const update = [{ $replaceWith: { $cond: [{ $eq: ['$seq', seq] }, changed, '$$ROOT'] } }];
    const { modifiedCount } = await describing(`checkpoints: writing ${stream} at seq ${seq}`, () =>
      this.#checkpoints.updateOne({ _id: stream }, update),
    );
    return modifiedCount === 1 ? 'advanced' : 'moved';
  }
}

function firstAsked(at: Date): Document {
  return { firstAskedAt: { $ifNull: ['$firstAskedAt', at] } };
}

function firstCheckpoint({ stream, window = null, liveStart = null, ...start }: StreamStart): CheckpointDocument {
  return {
    _id: stream,
    ...start,
    window,
    liveStart,
    seq: 0,
    cleanPages: 0,
    shortPages: 0,
    receipt: null,
    totals: { pages: 0, rows: 0 },
    firstAskedAt: null,
    lastPageAt: null,
    caughtUpAt: null,
    cursorCheck: null,
    history: [],
    gaps: [],
  };
}

function toCheckpoint({ _id, history, ...rest }: CheckpointDocument): Checkpoint {
  const added = { window: null, liveStart: null, firstAskedAt: null, cursorCheck: null, gaps: [], shortPages: 0 };
  return { stream: _id, ...added, history: history.map((change) => ({ by: null, ...change })), ...rest };
}
