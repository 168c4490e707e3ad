import type { Collection, Db } from 'mongodb';
import { describing } from './errors.js';

/** A line of the ledger: one page that was written. */
export interface PageLine {
  readonly stream: string;
  readonly account: string;
  /** The checkpoint's `seq` when the page was asked for. */
  readonly seq: number;
  readonly drainId: string;
  readonly cursorIn: string | null;
  readonly cursorOut: string | null;
  readonly rows: number;
  /** Documents created or changed. */
  readonly calls: number;
  readonly rejects: number;
  readonly firstStartedAt: Date | null;
  readonly lastStartedAt: Date | null;
  readonly at: Date;
}

interface PageDocument extends PageLine {
  /** `<stream>/<seq>` */
  readonly _id: string;
}

interface AskedPage {
  readonly stream: string;
  readonly drainId: string;
  readonly cursor: string | null;
  readonly seq: number;
}

/** The collection `pages`. */
export class PageLedger {
  readonly #pages: Collection<PageDocument>;

  constructor(db: Db) {
    this.#pages = db.collection('pages');
  }

  /** The line stands as given; an earlier attempt's line of the same page is replaced. */
  async record(line: PageLine): Promise<void> {
    const _id = `${line.stream}/${line.seq}`;
    await describing(`pages: recording ${_id}`, () => this.#pages.replaceOne({ _id }, line, { upsert: true }));
  }

  /** Whether this drain has already asked for the page after `cursor`, at another `seq`: the feed goes in a circle. */
  async isCursorSeen({ stream, drainId, cursor, seq }: AskedPage): Promise<boolean> {
    const line = await describing(`pages: looking for a repeated cursor of ${stream}`, () =>
      this.#pages.findOne({ stream, cursorIn: cursor, drainId, seq: { $ne: seq } }, { projection: { _id: 1 } }),
    );
    return line !== null;
  }
}
