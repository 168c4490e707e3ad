import { count } from '../../domain/count.js';
import { progressQuery } from '../progress-query.js';
import { waitLine, type Wait } from '../wait.js';

export interface RefreshProgress {
  readonly account: string;
  /** Of the call or of one of its transactions, as it was asked for. */
  readonly id: string;
  readonly rows: number;
  readonly waiting: Wait | null;
}

export const refreshProgressQuery = progressQuery<RefreshProgress>();

export interface RefreshResult {
  readonly account: string;
  /** Null where the source knows neither a call nor a transaction of the id. */
  readonly callId: string | null;
  readonly rows: number;
  /** How many of the rows could not be made part of the call. */
  readonly rejects: number;
}

/** One line, as "reading 7F3A-1C9E5B20D4A8 again, 3 rows". */
export function refreshLine({ id, rows, waiting }: RefreshProgress): string {
  return `reading ${id} again, ${count(rows, 'row')}${waiting === null ? '' : `; ${waitLine(waiting)}`}`;
}

/** Markdown for the workflow's current details. */
export function refreshDetails(progress: RefreshProgress): string {
  return `**${progress.account}: ${refreshLine(progress)}**`;
}
