import { storableValue, textOf, type ColumnValue } from '../blank.js';
import { instantOfText } from '../instants.js';
import { compareText, inOrder } from '../order.js';
import type { Sighting } from '../seen-columns.js';
import type { CustomData, Transaction } from './transaction.js';

/** Columns that differ on each read, so they are neither stored nor compared. */
const VOLATILE_COLUMNS: ReadonlySet<string> = new Set(['recording_download_url']);

/**
 * Makes a transaction with one sighting from a row, without blanks and volatile columns, with `columns` in name order.
 * `customData` is a result of composeCustomData; `seenAt` is the instant of the request.
 */
export function transactionFromColumns({
  transactionId,
  columns,
  customData,
  seenAt,
}: {
  transactionId: string;
  columns: Readonly<Record<string, ColumnValue | null | undefined>>;
  customData: CustomData;
  seenAt: Date;
}): Transaction {
  const stated: Record<string, ColumnValue> = {};
  for (const name of inOrder(Object.keys(columns), compareText)) {
    const value = storableValue(columns[name]);
    if (value !== null && !VOLATILE_COLUMNS.has(name)) setColumn(stated, { name, value });
  }
  // An object that was made column by column is slow to read; its copy is not.
  const whole = { ...stated };
  return assembleTransaction({ transactionId, columns: whole, customData, firstSeenAt: seenAt, sightings: [] });
}

/** Adds a column, whatever its name: an assignment would take `__proto__` for the prototype. */
function setColumn(columns: Record<string, ColumnValue>, { name, value }: { name: string; value: ColumnValue }): void {
  if (name !== '__proto__') columns[name] = value;
  else Object.defineProperty(columns, name, { value, enumerable: true, configurable: true, writable: true });
}

/** Makes a transaction from the parts to store; reads its type and links from its columns. */
export function assembleTransaction({
  transactionId,
  columns,
  customData,
  firstSeenAt,
  sightings,
}: {
  transactionId: string;
  /** Columns in name order. */
  columns: Readonly<Record<string, ColumnValue>>;
  customData: CustomData;
  firstSeenAt: Date;
  sightings: readonly Sighting<ColumnValue | CustomData>[];
}): Transaction {
  return {
    transactionId,
    type: textOf(columns['transaction_type']),
    correctsTransactionId: textOf(columns['corrects_transaction_id']),
    correctedAt: instantOfText(columns['corrected_at']),
    firstSeenAt,
    columns,
    customData,
    ...(sightings.length > 0 ? { sightings } : {}),
  };
}
