import { count } from '../../domain/count.js';
import { progressQuery, waitLine, type Wait } from '../progress.js';

/** Counts of a drain, for its query, its current details and its result. */
export interface DrainCounts {
  readonly pages: number;
  readonly rows: number;
  /** Documents created or changed. */
  readonly calls: number;
  readonly rejects: number;
}

export const NO_COUNTS: DrainCounts = { pages: 0, rows: 0, calls: 0, rejects: 0 };

export interface DrainProgress extends DrainCounts {
  readonly account: string;
  readonly cursor: string | null;
  readonly waiting: Wait | null;
}

export const drainProgressQuery = progressQuery<DrainProgress>();

export interface DrainResult extends DrainCounts {
  readonly account: string;
  /** The last transaction id that is safely written. */
  readonly cursor: string | null;
  /** `cursor-moved`: another drain or an operator moved the cursor of the stream, so this drain stopped. */
  readonly ended: 'caught-up' | 'cursor-moved';
}

/** Adds one page and its counts. */
export function addPage(counts: DrainCounts, page: Omit<DrainCounts, 'pages'>): DrainCounts {
  return addCounts(counts, { ...page, pages: 1 });
}

export function addCounts(counts: DrainCounts, more: DrainCounts): DrainCounts {
  return {
    pages: counts.pages + more.pages,
    rows: counts.rows + more.rows,
    calls: counts.calls + more.calls,
    rejects: counts.rejects + more.rejects,
  };
}

/** Returns one line, as "12 pages, 5,812 rows, 2,000 documents written, 1 reject". */
export function countsLine({ pages, rows, calls, rejects }: DrainCounts): string {
  const written = `${count(calls, 'document')} written`;
  return [count(pages, 'page'), count(rows, 'row'), written, count(rejects, 'reject')].join(', ');
}

/** Returns Markdown for the workflow's current details. */
export function drainDetails(progress: DrainProgress, what = progress.account): string {
  const { waiting, cursor, pages } = progress;
  const doing = waiting === null ? `page ${pages + 1}` : waitLine(waiting);
  const cursorText = cursor === null ? 'none yet' : `\`${cursor}\``;
  return `**Draining ${what}: ${doing}**\n\nSo far: ${countsLine(progress)}.\n\nCursor: ${cursorText}`;
}

export function drainResultDetails(result: DrainResult, what = result.account): string {
  const outcome = {
    'caught-up': 'caught up with the source',
    'cursor-moved': 'stopped, because another drain or an operator moved the cursor',
  }[result.ended];
  return `**Drained ${what}: ${outcome}**\n\nIn total: ${countsLine(result)}.`;
}
