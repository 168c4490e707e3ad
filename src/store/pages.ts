import type { Db } from 'mongodb';
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

export interface PageLedger {
  /** The line stands as given; an earlier attempt's line of the same page is replaced. */
  record(line: PageLine): Promise<void>;
  /** Whether this drain has already asked for the page after `cursor`, at another `seq`: the feed goes in a circle. */
  isCursorSeen(page: { stream: string; drainId: string; cursor: string | null; seq: number }): Promise<boolean>;
}

export function createPageLedger(db: Db): PageLedger {
  const pages = db.collection<PageDocument>('pages');
  return {
    async record(line) {
      const _id = `${line.stream}/${line.seq}`;
      await describing(`pages: recording ${_id}`, () => pages.replaceOne({ _id }, line, { upsert: true }));
    },

    async isCursorSeen({ stream, drainId, cursor, seq }) {
      const line = await describing(`pages: looking for a repeated cursor of ${stream}`, () =>
        pages.findOne({ stream, cursorIn: cursor, drainId, seq: { $ne: seq } }, { projection: { _id: 1 } }),
      );
      return line !== null;
    },
  };
}
