import type { ColumnValue } from '../blank.js';
import type { Sighting } from '../seen-columns.js';

/**
 * Words used here
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
 * A Marketing Data field or a Signal of a row. Names are stored as values, never as keys, because they contain dots,
 * spaces and dollar signs. An entry read from a flat custom column has `dataType: null`.
 */
export interface CustomDataEntry {
  readonly name: string;
  readonly dataType: string | null;
  readonly source: string | null;
  readonly value: ColumnValue | null;
  /** Set if an entry of the nested `custom_data` has no data type, to tell it from a flat column. */
  readonly nested?: true;
}

/** Custom data of a row: entries in canonical order (by name, then by everything else). */
export type CustomData = readonly CustomDataEntry[];

/** All sightings of one transaction id, folded. A row that was just read has one sighting. */
export interface Transaction {
  readonly transactionId: string;
  /** Type in the source's spelling; null if no sighting states one. */
  readonly type: string | null;
  readonly correctsTransactionId: string | null;
  readonly correctedAt: Date | null;
  readonly firstSeenAt: Date;
  /** Invoca's standard columns by their own names, blanks left out. */
  readonly columns: Readonly<Record<string, ColumnValue>>;
  readonly customData: CustomData;
  /** Sightings of columns. Nested entries count together as the column `custom_data`. */
  readonly sightings?: readonly Sighting<ColumnValue | CustomData>[];
}

/** A transaction and the call it belongs to. */
export interface CallTransaction {
  readonly callId: string;
  readonly transaction: Transaction;
}
