import { count } from '../../domain/count.js';
import type { Backfill } from '../../temporal/runs/backfills.js';
import { resultLine, soFarLine, type BackfillOptions } from '../../workflows/backfill/backfill-progress.js';
import { countsLine } from '../../workflows/feed/drain-progress.js';
import { daysText } from '../../workflows/ids.js';
import { waitLine } from '../../workflows/progress.js';
import { withDocuments } from '../kit/documents.js';

/** One line, as "2025-03-01..2025-03-31, windows of 1 day, 4 at once, oldest first, all days, with transcripts". */
export function optionsLine(options: BackfillOptions): string {
  const { windowDays, parallel, newestFirst, reprocess, transcripts } = options;
  return [
    daysText(options),
    `windows of ${count(windowDays, 'day')}`,
    `${parallel} at once`,
    newestFirst ? 'newest first' : 'oldest first',
    reprocess === 'missing' ? 'days that are not complete' : 'all days',
    transcripts === 'all' ? 'with transcripts' : 'without transcripts',
  ].join(', ');
}

/** Returns the result of a backfill, or its progress, as one line. */
export function outcomeLine({ state, progress, result, failure }: Backfill): string {
  if (progress !== null) return soFarLine(progress);
  if (result !== null) return resultLine(result);
  if (failure !== null) return failure;
  return state === 'running' ? 'no worker answers: is one running?' : '';
}

/** Returns a backfill as `--json` prints it: with `documents` beside `calls`. */
export function backfillJson({ progress, result, ...backfill }: Backfill): object {
  return {
    ...backfill,
    progress: progress && { ...withDocuments(progress), running: progress.running.map(withDocuments) },
    result: result && withDocuments(result),
  };
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
