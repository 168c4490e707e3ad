import { count } from '../../domain/count.js';
import { progressQuery, waitLine, type Wait } from '../progress.js';

/** How far a drain has come: what its query answers, what its details show, and what it returns at the end. */
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
  /** `cursor-moved`: somebody else drains this stream, and this drain left it to them. */
  readonly ended: 'caught-up' | 'cursor-moved';
}

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

/** One line, as "12 pages, 5,812 rows, 2,000 calls, 1 reject". */
export function countsLine({ pages, rows, calls, rejects }: DrainCounts): string {
  return [count(pages, 'page'), count(rows, 'row'), count(calls, 'call'), count(rejects, 'reject')].join(', ');
}

/** Markdown for the workflow's current details: what a person who opens it in the Web UI wants to know first. */
export function drainDetails(progress: DrainProgress, what = progress.account): string {
  const { waiting, cursor, pages } = progress;
  const doing = waiting === null ? `Draining ${what}, page ${pages + 1}` : `${what}: ${waitLine(waiting)}`;
  const safelyWritten = cursor === null ? 'nothing yet' : `\`${cursor}\``;
  return `**${doing}**\n\nSo far: ${countsLine(progress)}.\n\nSafely written up to: ${safelyWritten}`;
}

export function drainResultDetails(result: DrainResult, what = result.account): string {
  const outcome = {
    'caught-up': `${what} has nothing newer`,
    'cursor-moved': `Left to somebody else, who moved the cursor of ${what}`,
  }[result.ended];
  return `**${outcome}**\n\nThis drain: ${countsLine(result)} (calls created or changed).`;
}
