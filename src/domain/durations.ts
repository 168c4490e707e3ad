import { isBlank, type ColumnValue } from './blank.js';

/** Columns that the source clears, to null or 0, in a row that was corrected (Transactions API FAQ). */
export const DURATION_COLUMNS: ReadonlySet<string> = new Set(['duration', 'connect_duration', 'ivr_duration']);

const LONGEST_SECONDS = 999_999_999;

/** Reads seconds, sent as a number or as text; null if blank, negative, over 999,999,999 or unreadable. */
export function secondsOf(value: ColumnValue | null | undefined): number | null {
  if (isBlank(value) || typeof value === 'boolean') return null;
  const seconds = typeof value === 'number' ? value : decimalOf(value.trim());
  return seconds >= 0 && seconds <= LONGEST_SECONDS ? seconds + 0 : null;
}

function decimalOf(text: string): number {
  return /^\d{1,9}(?:\.\d+)?$/.test(text) ? Number(text) : Number.NaN;
}

/** True if a duration column states 0, which may mean that the source cleared it. */
export function isZeroDuration(value: unknown): boolean {
  return (typeof value === 'number' || typeof value === 'string') && secondsOf(value) === 0;
}
