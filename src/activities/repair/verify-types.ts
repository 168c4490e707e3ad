import type { Days } from '../../domain/days/days.js';
import type { DifferenceSummary } from '../../store/feed/differences.js';
import type { AskInput } from '../requests/ask-source.js';
import type { WaitResult } from '../requests/account-hold.js';
import type { Paging } from '../requests/page-limit.js';

/** What a verification came to: counts of calls, and the first 20 as examples. */
export type VerifySummary = DifferenceSummary;

export interface VerifyPageInput extends AskInput {
  /** Under which the differences are kept: the same for every page, however often the workflow continues as new. */
  readonly run: string;
  readonly window: Days;
  /** The last transaction id of these days that was compared; null begins with its oldest. */
  readonly cursor: string | null;
  readonly paging: Paging;
  readonly repair: boolean;
}

/**
 * What became of one page. It is compared and, where wanted, repaired (`page`); the days end here (`end`); the
 * source asks to be left alone until an instant (`wait`); a smaller page is to be asked for (`shrink`).
 */
export type VerifyPageResult =
  | {
      readonly outcome: 'page';
      readonly cursor: string;
      readonly paging: Paging;
      readonly rows: number;
      /** Calls on this page; one that is on two pages is counted on both. */
      readonly missing: number;
      readonly stale: number;
    }
  | ({ readonly outcome: 'end' } & VerifySummary)
  | WaitResult
  | { readonly outcome: 'shrink'; readonly paging: Paging };
