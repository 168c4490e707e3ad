import { count } from '../../domain/count.js';
import type { Backfill } from '../../temporal/runs/backfills.js';
import { resultLine, soFarLine, type BackfillOptions } from '../../workflows/backfill/backfill-progress.js';
import { countsLine } from '../../workflows/feed/drain-progress.js';
import { daysText } from '../../workflows/ids.js';
import { waitLine } from '../../workflows/progress.js';

/** One line, as "2025-03-01..2025-03-31, windows of 1 day, 4 at once, oldest first, missing days, with transcripts". */
export function optionsLine(options: BackfillOptions): string {
  const { windowDays, parallel, newestFirst, reprocess, transcripts } = options;
  return [
    daysText(options),
    `windows of ${count(windowDays, 'day')}`,
    `${parallel} at once`,
    newestFirst ? 'newest first' : 'oldest first',
    reprocess === 'missing' ? 'what is not complete' : 'all days',
    transcripts === 'all' ? 'with transcripts' : 'without transcripts',
  ].join(', ');
}

/** What became of it, or how far it is, in one line that stands beside its state. */
export function outcomeLine({ state, progress, result, failure }: Backfill): string {
  if (progress !== null) return soFarLine(progress);
  if (result !== null) return resultLine(result);
  if (failure !== null) return failure;
  return state === 'running' ? 'no worker answers; is one running?' : '';
}

export function backfillText(backfill: Backfill): string {
  const { workflowId, options, state, startedAt, closedAt, progress } = backfill;
  const ended = closedAt === null ? '' : `, ended ${closedAt.toISOString()}`;
  const windows = (progress?.running ?? []).map((window) => {
    const wait = window.waiting === null ? '' : `; ${waitLine(window.waiting)}`;
    return `  running   ${daysText(window)}: ${countsLine(window)}${wait}`;
  });
  const failed = (progress?.failed ?? []).map((window) => `  failed    ${daysText(window)}: ${window.reason}`);
  return [
    `${workflowId}: ${state}`,
    `  options   ${optionsLine(options)}`,
    `  started   ${startedAt.toISOString()}${ended}`,
    `  so far    ${outcomeLine(backfill)}`,
    ...windows,
    ...failed,
  ].join('\n');
}
