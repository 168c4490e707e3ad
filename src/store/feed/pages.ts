import type { Collection, Db, Filter } from 'mongodb';
import type { Receipt } from './checkpoint-types.js';
import { describing } from '../errors.js';

/** A line of the ledger, for one page that was written. */
export interface PageLine extends Omit<Receipt, 'runId' | 'activityId'> {
  readonly stream: string;
  readonly account: string;
  /** The checkpoint's `seq` when the page was asked for. */
  readonly seq: number;
  readonly firstStartedAt: Date | null;
  readonly lastStartedAt: Date | null;
}

interface PageDocument extends PageLine {
  /** `<stream>/<seq>` */
  readonly _id: string;
}

interface AskedPage extends Pick<PageLine, 'stream' | 'drainId' | 'seq'> {
  readonly cursor: string | null;
}

/** Number of pages and rows read after a place of the feed. */
export interface PagesRead {
  readonly pages: number;
  readonly rows: number;
}

const LOOKED_UP_AT_ONCE = 1_000;

/** The collection `pages`. */
export class PageLedger {
  readonly #pages: Collection<PageDocument>;

  constructor(db: Db) {
    this.#pages = db.collection('pages');
  }

  /** Stores the line. It replaces the line of an earlier attempt at the same page. */
  async record(line: PageLine): Promise<void> {
    const _id = `${line.stream}/${line.seq}`;
    await describing(`pages: recording ${_id}`, () => this.#pages.replaceOne({ _id }, line, { upsert: true }));
  }

  /** True if this drain asked for the page after `cursor` before, at another `seq`: the feed goes round in a circle. */
  async isCursorSeen({ stream, drainId, cursor, seq }: AskedPage): Promise<boolean> {
    const line = await describing(`pages: looking for a repeated cursor of ${stream}`, () =>
      this.#pages.findOne({ stream, cursorIn: cursor, drainId, seq: { $ne: seq } }, { projection: { _id: 1 } }),
    );
    return line !== null;
  }

  /** Returns the first page that was asked for after `cursor`, or else the first that ended there. */
  async lineAt({ stream, cursor }: { stream: string; cursor: string }): Promise<PageLine | null> {
    return (await this.#first({ stream, cursorIn: cursor })) ?? (await this.#first({ stream, cursorOut: cursor }));
  }

  /** Returns the page whose request was made at this instant. */
  async lineReadAt({ stream, at }: { stream: string; at: Date }): Promise<PageLine | null> {
    return this.#first({ stream, at });
  }

  /** Returns the first page with a call that began at `time` or later; all calls of the pages before began earlier. */
  async firstReaching({ stream, time }: { stream: string; time: Date }): Promise<PageLine | null> {
    return this.#first({ stream, lastStartedAt: { $gte: time } });
  }

  /** Returns at most `limit` pages before this `seq`, the last one first. */
  async newest({ stream, before, limit }: { stream: string; before: number; limit: number }): Promise<PageLine[]> {
    const lines: PageLine[] = [];
    for (let end = before; end > 0 && lines.length < limit; end -= LOOKED_UP_AT_ONCE) {
      const found = await this.#between({ stream, from: Math.max(0, end - LOOKED_UP_AT_ONCE), end });
      // A cursor moved by hand takes a seq too, but never so many in a row: older pages are no longer in the ledger.
      if (found.length === 0) break;
      lines.push(...found);
    }
    return lines.slice(0, limit);
  }

  /** Counts the pages with this `seq` or a later one, and their rows. */
  async readSince({ stream, seq }: { stream: string; seq: number }): Promise<PagesRead> {
    const [read] = await describing(`pages: counting the pages of ${stream} from seq ${seq} on`, () =>
      this.#pages
        .aggregate<PagesRead>([
          { $match: { stream, seq: { $gte: seq } } },
          { $group: { _id: null, pages: { $sum: 1 }, rows: { $sum: '$rows' } } },
          { $project: { _id: 0, pages: 1, rows: 1 } },
        ])
        .toArray(),
    );
    return read ?? { pages: 0, rows: 0 };
  }

  /** Finds pages by their ids, so that no index is needed for the order. */
  async #between({ stream, from, end }: { stream: string; from: number; end: number }): Promise<PageLine[]> {
    const ids = Array.from({ length: end - from }, (_, index) => `${stream}/${from + index}`);
    const lines = await describing(`pages: listing the pages of ${stream} from seq ${from} on`, () =>
      this.#pages.find({ _id: { $in: ids } }, { projection: { _id: 0 } }).toArray(),
    );
    return lines.sort((one, other) => other.seq - one.seq);
  }

  async #first(filter: Filter<PageDocument> & { readonly stream: string }): Promise<PageLine | null> {
    return describing(`pages: looking for a place in ${filter.stream}`, () =>
      this.#pages.findOne(filter, { sort: { seq: 1 }, projection: { _id: 0 } }),
    );
  }
}
