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
import { describing, insertNew } from '../errors.js';

interface StreamStart {
  readonly stream: string;
  readonly account: string;
  readonly cursor: string | null;
  readonly pageLimit: number;
  /** None for the live stream. */
  readonly window?: Days | null;
  /** None for a stream of days. */
  readonly liveStart?: LiveStart | null;
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
  readonly liveStart: LiveStart | null;
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
    // Somebody else may have opened it since: then that one stays.
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

  /** Compare-and-set on `seq`: of any number of writers at one `seq` exactly one advances it, to `seq` + 1. */
  async advance({ stream, seq, ...page }: AdvancedPage): Promise<Advance> {
    const { at, rows } = page.receipt;
    return this.#updateAt(
      { stream, seq },
      { ...page, seq: seq + 1, lastPageAt: at },
      {
        ...firstAsked(at),
        totals: { pages: { $add: ['$totals.pages', 1] }, rows: { $add: ['$totals.rows', rows] } },
      },
    );
  }

  /** An empty page: the stream stays at `seq` and is known to have been at its end. */
  async caughtUp({ at, ...place }: Place & { at: Date }): Promise<Advance> {
    return this.#updateAt(place, { caughtUpAt: at }, firstAsked(at));
  }

  /** An empty page hid nothing: the source knows the cursor, and the feed was at its end at `at`. */
  async caughtUpAtKnownCursor({ at, check, ...place }: Place & { at: Date; check: CursorCheck }): Promise<Advance> {
    return this.#updateAt(place, { caughtUpAt: at, cursorCheck: check }, firstAsked(at));
  }

  /** An empty page was no end of the feed: the source does not know the cursor. */
  async cursorUnknown({ check, ...place }: Place & { check: CursorCheck }): Promise<Advance> {
    return this.#updateAt(place, { cursorCheck: check });
  }

  /** An operator's change: whoever drains the stream meanwhile finds another `seq` and leaves it alone. */
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

  /** The next page is asked for with another limit; the stream stays at `seq`. */
  async setPageLimit({ pageLimit, ...place }: Place & { pageLimit: number }): Promise<Advance> {
    return this.#updateAt(place, { pageLimit, cleanPages: 0 });
  }

  /** The streams of the account that are confined to days and share one with these, by stream. */
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

  /** The account's live stream; null before its first drain. */
  async readLive(account: string): Promise<Checkpoint | null> {
    const document = await describing(`checkpoints: reading the live one of ${account}`, () =>
      this.#checkpoints.findOne({ account, window: null }),
    );
    return document === null ? null : toCheckpoint(document);
  }

  /** By stream; of all accounts where none is given. */
  async list(account?: string): Promise<Checkpoint[]> {
    const filter = account === undefined ? {} : { account };
    const documents = await describing('checkpoints: listing them', () =>
      this.#checkpoints.find(filter).sort({ _id: 1 }).toArray(),
    );
    return documents.map(toCheckpoint);
  }

  /** The guard is in the update, not in the filter, so that the document is found by its id alone. */
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
  const added = { window: null, liveStart: null, firstAskedAt: null, cursorCheck: null, gaps: [] };
  return { stream: _id, ...added, history: history.map((change) => ({ by: null, ...change })), ...rest };
}
