import { latestOriginalStart } from '../../domain/invoca/call-values.js';
import type { TransactionPage } from '../../sources/transaction-page.js';

/** A page is short if it has fewer rows than this share of those asked for. */
const SHORT_SHARE = 0.1;
/** Short pages in a row after which a drain may end at a row instead of at an empty page. */
const SHORT_PAGES_BEFORE_END = 20;

interface ShortPages {
  /** Number of short pages in a row, this one included. */
  readonly shortPages: number;
  /** Instant up to which everything is stored that the feed had shown by then; null if the drain must go on. */
  readonly caughtUpAt: Date | null;
}

/**
 * Counts the short pages in a row, and ends a drain that only follows the feed: a feed that grows faster than its pages
 * are read has no empty page. The end is the call on the page that started last, if it started after the drain began:
 * the feed shows rows in the order in which they came to be, so all that were there at the beginning precede it.
 */
export function shortPagesAfter({
  page,
  limit,
  before,
  beganAt,
}: {
  page: TransactionPage;
  /** Rows that were asked for. */
  limit: number;
  /** Number of short pages in a row before this one. */
  before: number;
  beganAt: Date;
}): ShortPages {
  if (page.rowCount >= limit * SHORT_SHARE) return { shortPages: 0, caughtUpAt: null };
  const shortPages = before + 1;
  if (shortPages < SHORT_PAGES_BEFORE_END) return { shortPages, caughtUpAt: null };
  const startedAt = latestOriginalStart(page.transactions.map(({ transaction }) => transaction));
  // A start in the future says nothing.
  const isEnd = startedAt !== null && startedAt > beganAt && startedAt <= page.requestedAt;
  return isEnd ? { shortPages: 0, caughtUpAt: startedAt } : { shortPages, caughtUpAt: null };
}
