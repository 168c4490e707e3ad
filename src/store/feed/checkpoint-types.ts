import type { Days } from '../../domain/days/days.js';

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
  /** `user@host`; null where an earlier version did not note it. */
  readonly by: string | null;
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

/**
 * From where on a live stream sees every call: `oldest` from the first one there is; `day` from a day in the token's
 * zone on; `id` from some time after a transaction id an operator gave, when that is known from the latest start of the
 * calls on the first page that has any.
 */
export type LiveStart =
  | { readonly kind: 'oldest' }
  | { readonly kind: 'day'; readonly day: string }
  | { readonly kind: 'id'; readonly firstCallsAt: Date | null };

/** How far a stream is safely written. */
export interface Checkpoint {
  readonly stream: string;
  readonly account: string;
  /** The days it is confined to; null for the live stream. */
  readonly window: Days | null;
  /** Null for a stream of days. */
  readonly liveStart: LiveStart | null;
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
  /** When the first page was asked for that was then written, or was empty; null before. */
  readonly firstAskedAt: Date | null;
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

/** What checkpoints made by earlier versions lack. */
type Later = Pick<Checkpoint, 'window' | 'liveStart' | 'firstAskedAt' | 'cursorCheck' | 'gaps'>;

export interface CheckpointDocument extends Omit<Checkpoint, 'stream' | 'history' | keyof Later>, Partial<Later> {
  /** The stream. */
  readonly _id: string;
  readonly history: readonly (Omit<CursorChange, 'by'> & Partial<Pick<CursorChange, 'by'>>)[];
}
