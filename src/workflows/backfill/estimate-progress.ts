import { count } from '../../domain/count.js';
import type { DayProbe } from '../../domain/days/probe-days.js';
import { progressQuery } from '../progress-query.js';
import { waitLine, type Wait } from '../wait.js';

export interface EstimateProgress {
  readonly account: string;
  readonly probes: readonly DayProbe[];
  /** Days to probe. */
  readonly days: number;
  readonly waiting: Wait | null;
}

export const estimateProgressQuery = progressQuery<EstimateProgress>();

/** One line, as "3 of 7 days looked at". */
export function probesLine({ probes, days, waiting }: EstimateProgress): string {
  const doing = waiting === null ? '' : `; ${waitLine(waiting)}`;
  return `${probes.length} of ${days} days looked at${doing}`;
}

/** Markdown for the workflow's current details. */
export function estimateDetails(progress: EstimateProgress): string {
  const lines = progress.probes.map(({ day, rows, calls, share }) => {
    const more = share < 1 ? ' and more' : '';
    return `- ${day}: ${count(rows)} rows, ${count(calls)} calls${more}`;
  });
  return [`**Estimating a backfill of ${progress.account}: ${probesLine(progress)}**`, lines.join('\n')].join('\n\n');
}
