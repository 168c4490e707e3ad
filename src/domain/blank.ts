/** A value a source states in a column. A blank is never stored: the column is left out instead. */
export type ColumnValue = string | number | boolean;

/** True if the source states nothing: the column is absent, `null` or `""`. */
export function isBlank(value: unknown): value is null | undefined | '' {
  return value === null || value === undefined || value === '';
}

/** An id, a name or a phone number as text, since a source may send it as a number; null if blank or a boolean. */
export function textOf(value: ColumnValue | null | undefined): string | null {
  if (isBlank(value) || typeof value === 'boolean') return null;
  return String(value);
}

/**
 * Returns the value as MongoDB gives it back, so that a row read again equals the row stored: without lone surrogates
 * or negative zero, a number that is not finite as text. Null if blank.
 */
export function storableValue(value: ColumnValue | null | undefined): ColumnValue | null {
  if (isBlank(value)) return null;
  if (typeof value === 'string') return value.toWellFormed();
  if (typeof value === 'boolean') return value;
  return Number.isFinite(value) ? value + 0 : String(value);
}
