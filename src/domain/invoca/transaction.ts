import type { ColumnValue } from '../blank.js';
import type { Sighting } from '../seen-columns.js';

/**
 * Terminology
 *
 * - *row*: one Invoca transaction as the API returned it at one instant (a *sighting* of that transaction)
 * - *transaction*: all sightings of one transaction id, folded together
 * - *chain*: an original transaction and those that correct it
 * - *leg*: a chain of type Call; a bundled campaign gives one call two legs
 * - *event*: a chain of any other type
 * - *call*: all chains with one complete call id; one document
 * - *blank*: `null`, `""` or absent
 */

/**
 * A Marketing Data field or a Signal of a row. Names are values, never keys: they hold dots, spaces and dollars.
 * An entry read from a column that is not one of Invoca's standard ones has `dataType: null`.
 */
export interface CustomDataEntry {
  readonly name: string;
  readonly dataType: string | null;
  readonly source: string | null;
  readonly value: ColumnValue | null;
  /** Set where an entry of the nested `custom_data` states no data type, to tell it from a flat column. */
  readonly nested?: true;
}

/** What `custom_data` said: entries in canonical order (by name, then by everything else). */
export type CustomData = readonly CustomDataEntry[];

/** All sightings of one transaction id, folded. A row just read is a transaction with a single sighting. */
export interface Transaction {
  readonly transactionId: string;
  /** As stated, in the source's spelling; null where no sighting states one. */
  readonly type: string | null;
  readonly correctsTransactionId: string | null;
  readonly correctedAt: Date | null;
  readonly firstSeenAt: Date;
  /** Invoca's standard columns by their own names, blanks left out. */
  readonly columns: Readonly<Record<string, ColumnValue>>;
  readonly customData: CustomData;
  /** Of standard columns, of `custom_data` for the nested entries as a whole, and of flat custom columns. */
  readonly sightings?: readonly Sighting<ColumnValue | CustomData>[];
}

/** A transaction and the call it belongs to. */
export interface CallTransaction {
  readonly callId: string;
  readonly transaction: Transaction;
}
