import type { SourceError } from '../../sources/errors.js';

/** Number of rows to ask for: halved if the source cannot serve a page, doubled again after clean pages. */
export interface Paging {
  /** Null for the account's own limit. */
  readonly pageLimit: number | null;
  readonly cleanPages: number;
}

/** The next request must ask for `pageLimit` rows. */
export interface ShrinkResult {
  readonly outcome: 'shrink';
  readonly pageLimit: number;
}

/** Smallest limit that is tried against a slow source: smaller pages do not help. */
const SMALLEST_PAGE = 100;
/** Pages in a row that must be clean before a larger one is tried. */
const CLEAN_PAGES_BEFORE_GROWTH = 5;

/** Returns half the limit, at least {@link SMALLEST_PAGE}; null if the limit is already that small. */
export function shrunkPageLimit(limit: number): number | null {
  return limit <= SMALLEST_PAGE ? null : Math.max(SMALLEST_PAGE, Math.floor(limit / 2));
}

/** Returns an error handler: it calls `shrink` if fewer than `limit` rows may avoid the error, else returns null. */
export function onTooMuch<Result>(
  limit: number,
  shrink: (pageLimit: number, reason: string) => Result,
): (error: SourceError) => Result | null {
  return (error) => {
    const pageLimit = limitAfter(error, limit);
    return pageLimit === null ? null : shrink(pageLimit, error.message);
  };
}

function limitAfter({ kind }: SourceError, limit: number): number | null {
  if (kind === 'too-much') return shrunkPageLimit(limit);
  // A single row may make the answer break off, so the limit may go down to 1.
  return kind === 'cut-off' && limit > 1 ? Math.floor(limit / 2) : null;
}

/** Returns the limit for the page after a clean one: doubled after 5 clean pages, never above the ceiling. */
export function grownPageLimit(input: {
  limit: number;
  ceiling: number;
  cleanPages: number;
}): Paging & { readonly pageLimit: number } {
  const cleanPages = input.cleanPages + 1;
  if (input.limit >= input.ceiling) return { pageLimit: input.ceiling, cleanPages };
  if (cleanPages < CLEAN_PAGES_BEFORE_GROWTH) return { pageLimit: input.limit, cleanPages };
  return { pageLimit: Math.min(input.ceiling, input.limit * 2), cleanPages: 0 };
}
