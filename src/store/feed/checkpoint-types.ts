import type { Days } from '../../domain/days/days.js';

/** Record of the attempt that advanced a checkpoint, by which a repeated attempt recognises it and returns the same. */
export interface Receipt {
  readonly runId: string;
  readonly activityId: string;
  readonly drainId: string;
  readonly cursorIn: string | null;
  readonly cursorOut: string | null;
  readonly rows: number;
  /** Number of documents created or changed. */
  readonly calls: number;
  readonly rejects: number;
  /** True if the drain ended here although the feed goes on; receipts of earlier versions lack it. */
  readonly isCaughtUp?: boolean;
  readonly at: Date;
}

/** A cursor moved by an operator. */
export interface CursorChange {
  readonly at: Date;
  readonly from: string | null;
  readonly to: string | null;
  /** `user@host`; null if an earlier version did not note it. */
  readonly by: string | null;
  readonly reason: string;
}

/** Rows that a cursor moved forward may have left out: those that the source first showed after `from`, up to `to`. */
export interface CursorGap {
  /** Null if the feed had never been read to its end. */
  readonly from: Date | null;
  readonly to: Date;
}

/** Answer to whether the source knows the cursor, which an empty page leaves open. */
export interface CursorCheck {
  readonly cursor: string;
  readonly at: Date;
  readonly isKnown: boolean;
}

/**
 * Point from which a live stream sees every call: `oldest`, the first call there is; `day`, a day in the token's zone;
 * `id`, some time after a transaction id that an operator gave. That time is known from `firstCallsAt`, the latest
 * start of the calls on the first page that has any.
 */
export type LiveStart =
  | { readonly kind: 'oldest' }
  | { readonly kind: 'day'; readonly day: string }
  | { readonly kind: 'id'; readonly firstCallsAt: Date | null };

/** State of a stream: how far it is safely written. */
export interface Checkpoint {
  readonly stream: string;
  readonly account: string;
  /** The days to which the stream is limited; null for the live stream. */
  readonly window: Days | null;
  /** Start of a live stream; null for a stream of days. */
  readonly liveStart: LiveStart | null;
  /** Rises by one with every page written and with every change an operator makes. */
  readonly seq: number;
  /** Last transaction id that is safely written; null at the beginning of the feed. */
  readonly cursor: string | null;
  readonly pageLimit: number;
  /** Number of pages since the page limit last changed. */
  readonly cleanPages: number;
  /** Number of pages in a row that had few rows, since the feed was last read to its end. */
  readonly shortPages: number;
  /** Record of the page that led here; null before the first page and after a change by an operator. */
  readonly receipt: Receipt | null;
  /** Totals of all pages written since the checkpoint was made. */
  readonly totals: { readonly pages: number; readonly rows: number };
  /** Time of the request for the first page that was written, or was empty; null before that. */
  readonly firstAskedAt: Date | null;
  readonly lastPageAt: Date | null;
  /** Time up to which everything is stored that the feed had shown by then; null before its end was first reached. */
  readonly caughtUpAt: Date | null;
  /** The last check; null if none was needed yet. It may be about another cursor than the present one. */
  readonly cursorCheck: CursorCheck | null;
  /** The last 100 changes by operators, oldest first. */
  readonly history: readonly CursorChange[];
  /** Rows which those changes may have left out, oldest first. */
  readonly gaps: readonly CursorGap[];
}

/** Fields that checkpoints of earlier versions lack. */
type Later = Pick<Checkpoint, 'window' | 'liveStart' | 'firstAskedAt' | 'cursorCheck' | 'gaps' | 'shortPages'>;

export interface CheckpointDocument extends Omit<Checkpoint, 'stream' | 'history' | keyof Later>, Partial<Later> {
  /** The stream. */
  readonly _id: string;
  readonly history: readonly (Omit<CursorChange, 'by'> & Partial<Pick<CursorChange, 'by'>>)[];
}
