import type { Days } from '../../domain/days/days.js';
import type { AskInput } from '../requests/ask-source.js';
import type { WaitResult } from '../requests/account-hold.js';
import type { ShrinkResult } from '../requests/page-limit.js';

export interface DrainPageInput extends AskInput {
  /** The checkpoint this drain follows. */
  readonly stream: string;
  /** The checkpoint's sequence number this attempt expects to find. */
  readonly seq: number;
  /** The same for every page of one drain, however often the workflow continues as new. */
  readonly drainId: string;
  readonly window: Days | null;
  /** `none`: calls seen for the first time get no transcript, whatever the account's settings say. */
  readonly transcripts: 'all' | 'none';
}

/**
 * What became of one page. The rows are written and the checkpoint has moved (`page`); the feed ends here
 * (`caught-up`), or the source does not know the cursor, which is to be found out (`empty`); somebody else drains this
 * stream (`moved`); the source asks to be left alone until an instant (`wait`); a smaller page is to be asked for
 * (`shrink`).
 */
export type DrainPageResult =
  | {
      readonly outcome: 'page';
      readonly seq: number;
      readonly cursor: string | null;
      readonly rows: number;
      /** Documents created or changed. */
      readonly calls: number;
      readonly rejects: number;
    }
  | { readonly outcome: 'caught-up'; readonly cursor: string | null }
  | { readonly outcome: 'empty'; readonly emptyAt: string }
  | { readonly outcome: 'moved' }
  | WaitResult
  | (ShrinkResult & { readonly reason: string });

/** Of a live stream whose page was empty at an instant. */
export interface ProbeCursorInput extends Pick<DrainPageInput, 'account' | 'stream' | 'seq' | 'precedingWaits'> {
  readonly emptyAt: string;
}

export type ProbeCursorResult = Extract<DrainPageResult, { readonly outcome: 'caught-up' | 'moved' | 'wait' }>;

export interface OpenStreamInput {
  readonly account: string;
  readonly stream: string;
  /** The days the stream is confined to; none for the live stream. */
  readonly window?: Days;
}

export interface OpenStreamResult {
  readonly seq: number;
  readonly cursor: string | null;
  /** Only of a live stream that is to start at a day: it has no checkpoint yet, and `seedCursor` is to give it one. */
  readonly seed?: SeedPlan;
}

/** How the live stream of a new account comes to start at a day. */
export interface SeedPlan {
  /** Every call from it on is to be read. */
  readonly startDate: string;
  /** Where a row to start after is looked for, in this order. */
  readonly days: readonly string[];
}

export interface SeedCursorInput extends AskInput {
  readonly stream: string;
  readonly startDate: string;
  /**
   * Where to look for a row to start after; null when all days were tried: the stream then starts at the oldest row.
   */
  readonly day: string | null;
}

/** `none`: nothing to start after on this day, and no checkpoint was made. */
export type SeedCursorResult =
  | { readonly outcome: 'opened'; readonly seq: number; readonly cursor: string | null }
  | { readonly outcome: 'none' }
  | WaitResult;
