import type { SourceError } from '../../sources/errors.js';

/** How many rows to ask for: a page the source cannot serve is halved, and grows again after clean ones. */
export interface Paging {
  /** Null is the account's own limit. */
  readonly pageLimit: number | null;
  readonly cleanPages: number;
}

/** Fewer rows are to be asked for. */
export interface ShrinkResult {
  readonly outcome: 'shrink';
  readonly pageLimit: number;
}

/** Below this a smaller page does not help against slowness any more. */
const SMALLEST_PAGE = 100;
/** Pages in a row that must come without trouble before a larger one is tried. */
const CLEAN_PAGES_BEFORE_GROWTH = 5;

/** Half the limit, at least {@link SMALLEST_PAGE}; null where the limit is that small already. */
export function shrunkPageLimit(limit: number): number | null {
  return limit <= SMALLEST_PAGE ? null : Math.max(SMALLEST_PAGE, Math.floor(limit / 2));
}

/** Gives the result for an error that fewer than `limit` rows may avoid; null for all others. */
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
  // What makes an answer break off may be a single row, which is then asked for alone.
  return kind === 'cut-off' && limit > 1 ? Math.floor(limit / 2) : null;
}

/** The limit for the page after a clean one: doubled after enough of them, never above the ceiling. */
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
