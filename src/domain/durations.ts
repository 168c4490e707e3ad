import { isBlank, type ColumnValue } from './blank.js';

/** Columns the source clears, to null or to 0, on a row that has been corrected (Transactions API FAQ). */
export const DURATION_COLUMNS: ReadonlySet<string> = new Set(['duration', 'connect_duration', 'ivr_duration']);

const LONGEST_SECONDS = 999_999_999;

/** Seconds, sent as a number or its text; null where blank, negative or unreadable. */
export function secondsOf(value: ColumnValue | null | undefined): number | null {
  if (isBlank(value) || typeof value === 'boolean') return null;
  const seconds = typeof value === 'number' ? value : decimalOf(value.trim());
  return seconds >= 0 && seconds <= LONGEST_SECONDS ? seconds + 0 : null;
}

function decimalOf(text: string): number {
  return /^\d{1,9}(?:\.\d+)?$/.test(text) ? Number(text) : Number.NaN;
}

/** Whether a duration column states 0, which may mean "cleared". */
export function isZeroDuration(value: unknown): boolean {
  return (typeof value === 'number' || typeof value === 'string') && secondsOf(value) === 0;
}
