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
  const stated: [string, ColumnValue][] = [];
  for (const [name, raw] of Object.entries(columns)) {
    const value = storableValue(raw);
    if (value !== null && !VOLATILE_COLUMNS.has(name)) stated.push([name, value]);
  }
  const byName = inOrder(stated, ([a], [b]) => compareText(a, b));
  return assembleTransaction({ transactionId, columns: byName, customData, firstSeenAt: seenAt, sightings: [] });
}

/** Makes a transaction from the parts to store; reads its type and links from its columns. */
export function assembleTransaction({
  transactionId,
  columns: entries,
  customData,
  firstSeenAt,
  sightings,
}: {
  transactionId: string;
  columns: Iterable<readonly [string, ColumnValue]>;
  customData: CustomData;
  firstSeenAt: Date;
  sightings: readonly Sighting<ColumnValue | CustomData>[];
}): Transaction {
  const columns: Readonly<Record<string, ColumnValue>> = Object.fromEntries(entries);
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
