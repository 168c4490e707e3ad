import type { ColumnValue } from '../blank.js';
import {
  always,
  columnValue,
  either,
  instant,
  listOf,
  namedValues,
  absentOr,
  orNull,
  shaped,
  text,
  type ObjectOf,
} from '../document/field.js';
import { sightingOf } from '../seen-columns.js';

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

const CUSTOM_DATA_ENTRY = {
  name: 'CustomDataEntry',
  description:
    'A Marketing Data field or a Signal of a row. Names are values, never keys, because they contain dots, spaces and dollar signs.',
  fields: {
    name: text('Name as the source spells it.', 'utm_medium'),
    dataType: orNull(
      text('Type of the data; null for a column that is not one of Invoca’s standard ones.', 'Category'),
    ),
    source: orNull(text('Origin of the value; null if not stated.', 'DynamicAttribution')),
    value: orNull(columnValue('Value as stated; null if blank.', 'Search')),
    nested: absentOr(always(true, 'Present if an entry of `custom_data` has no data type, to tell it from a column.')),
  },
} as const;
export type CustomDataEntry = ObjectOf<typeof CUSTOM_DATA_ENTRY.fields>;

/** Custom data of a row: entries in canonical order (by name, then by everything else). */
export type CustomData = readonly CustomDataEntry[];

const CUSTOM_DATA_LIST = listOf(shaped(CUSTOM_DATA_ENTRY), 'Custom data of the row, by name.');

const COLUMNS = namedValues(
  columnValue('Value as the source stated it.'),
  'Invoca’s standard columns by their own names, blanks left out.',
  { advertiser_campaign_name: 'Search US' },
);

/** The standard columns of the call as a field of the document. */
export const CALL_COLUMNS = {
  ...COLUMNS,
  schema: {
    ...COLUMNS.schema,
    description: 'Standard columns of the row that speaks for the call, by Invoca’s names, blanks left out.',
  },
};

/** All sightings of one transaction id, folded. A row that was just read has one sighting. */
export const TRANSACTION = {
  name: 'Transaction',
  description: 'All that was read of one transaction id.',
  fields: {
    transactionId: text('Id of the transaction.', 'B00D77E1-0294AC3F'),
    type: orNull(text('Type in the source’s spelling; null if not stated.', 'Call')),
    correctsTransactionId: orNull(text('Transaction that this one corrects; null if none.')),
    correctedAt: orNull(instant('Time of the correction; null if not stated.')),
    firstSeenAt: instant('Time at which the transaction was first read.', '2024-05-02T17:00:00.000Z'),
    columns: COLUMNS,
    customData: CUSTOM_DATA_LIST,
    sightings: absentOr(
      listOf(
        sightingOf<ColumnValue | CustomData>(
          'Sighting',
          either(
            columnValue('A value of a column.'),
            CUSTOM_DATA_LIST,
            'Value of the column; entries of `custom_data` count together as one column.',
          ),
        ),
        'Values that newer ones have replaced, and the times of current ones first seen later than the transaction.',
      ),
    ),
  },
};
export type Transaction = ObjectOf<typeof TRANSACTION.fields>;

/** A transaction and the call it belongs to. */
export interface CallTransaction {
  readonly callId: string;
  readonly transaction: Transaction;
}
