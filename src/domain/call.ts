import {
  amount,
  columnValue,
  counter,
  type DocumentField,
  flag,
  instant,
  listOf,
  absentOr,
  orNull,
  shaped,
  text,
  textLike,
  type ObjectOf,
} from './document/field.js';

/** The APIs that calls come from. */
export const SOURCES = ['invoca', 'credira'] as const;
export type Source = (typeof SOURCES)[number];

/** An exact decimal in plain notation, such as `"80.0"`. */
export type DecimalText = string;

/** Makes a field for an exact amount of money. */
export function decimal(description: string, ...examples: readonly DecimalText[]): DocumentField<DecimalText> {
  return textLike(/^-?\d+(\.\d+)?$/, description, ...examples);
}

const SIGNAL = {
  name: 'Signal',
  description: 'A Signal that at least one row states. Names are compared without regard to case.',
  fields: {
    name: text('Name in its newest spelling.', 'Quote'),
    value: flag('False if a later row took the Signal back.', true),
    source: orNull(text('Origin of the Signal; null if not stated.', 'AI')),
    transactionId: text('Transaction that the value came from.', 'B00D77E1-0294AC3F'),
  },
} as const;
export type Signal = ObjectOf<typeof SIGNAL.fields>;

const CUSTOM_DATA = {
  name: 'CallCustomData',
  description:
    'A custom data field (Marketing Data) of the call, or a column that is not one of Invoca’s standard ones.',
  fields: {
    name: text('Name as the source spells it; it may contain dots, spaces and dollar signs.', 'utm_medium'),
    dataType: orNull(text('Type of the data; null for a column.', 'Category')),
    source: orNull(text('Origin of the value; null if not stated.', 'DynamicAttribution')),
    value: columnValue('Value as stated; a list or an object as JSON text.', 'Search'),
    transactionId: text('Transaction that the value came from.', 'B00D77E1-0294AC3F'),
  },
} as const;
export type CallCustomData = ObjectOf<typeof CUSTOM_DATA.fields>;

interface CallField<Value> extends DocumentField<Value> {
  /** Name of the field for a person; null if `call show` prints the field together with another one. */
  readonly title: string | null;
}

function titled<Value>(title: string | null, field: DocumentField<Value>): CallField<Value> {
  return { ...field, title };
}

/**
 * The values that calls of all sources have. Stories, texts, the schema and CSV list them in this order, so a new one
 * goes to the end.
 */
export const CALL_FIELDS = {
  startedAt: titled('Started', orNull(instant('Start of the call; null if unknown.', '2024-05-02T16:41:30.000Z'))),
  durationSeconds: titled('Duration', orNull(amount('Duration in seconds; null if not stated.', 214))),
  connectSeconds: titled(null, orNull(amount('Time of the conversation in seconds; null if not stated.', 181))),
  ivrSeconds: titled(null, orNull(amount('Time in the phone menu (IVR) in seconds; null if not stated.', 33))),
  from: titled('From', orNull(text('Number of the caller as the source spells it; null if unknown.', '775-555-0143'))),
  to: titled('To', orNull(text('Number that was reached, as the source spells it; null if unknown.', '775-555-0199'))),
  result: titled(
    'Result',
    orNull(
      text('Outcome: Invoca’s `call_result_description_detail`, or Credira’s `status`; null if not stated.', 'Paid'),
    ),
  ),
  revenue: titled(
    'Revenue',
    orNull(
      decimal(
        'Sum of the amounts that the rows state, as an exact decimal; null if none states one. It has no currency.',
        '80.0',
      ),
    ),
  ),
  recordingUrl: titled(
    'Recording',
    orNull(text('Address of the recording; null if there is none.', 'https://recordings.example/7F3A')),
  ),
};

export type CallFields = ObjectOf<typeof CALL_FIELDS>;

export const FIELD_NAMES = Object.keys(CALL_FIELDS) as readonly (keyof CallFields)[];

type FieldOfOneRow = Exclude<keyof CallFields, 'revenue'>;

const FIELDS_OF_ONE_ROW = FIELD_NAMES.filter((name): name is FieldOfOneRow => name !== 'revenue');

const PROVENANCE = {
  name: 'Provenance',
  description: 'Ids of the transactions that the values of the call came from. A field that is null has no entry.',
  fields: {
    ...(Object.fromEntries(
      FIELDS_OF_ONE_ROW.map((name) => [name, absentOr(text(`Transaction that \`${name}\` came from.`))]),
    ) as Record<FieldOfOneRow, ReturnType<typeof absentOr<string>>>),
    revenue: absentOr(
      listOf(text('A transaction.', '91FE04A2-5B30CE71'), 'Transactions whose amounts add up to the revenue.'),
    ),
    unreadableAmounts: absentOr(
      counter('Number of rows of the revenue whose amount cannot be read; absent if there are none.', 1),
    ),
  },
};
export type Provenance = ObjectOf<typeof PROVENANCE.fields>;

/** Fields at the top level of a document, which calls of all sources have in common. */
export const MERGED_FIELDS = {
  ...CALL_FIELDS,
  fromKey: orNull(
    textLike(
      /^\d{1,10}$/,
      'Last ten digits of `from`, to find a caller in any source; null if it has no digits.',
      '7755550143',
    ),
  ),
  signals: listOf(shaped(SIGNAL), 'Signals, by name in lower case.'),
  customData: listOf(shaped(CUSTOM_DATA), 'Custom data without Signals, by name in lower case.'),
  provenance: shaped(PROVENANCE),
};
export type MergedCall = ObjectOf<typeof MERGED_FIELDS>;

/** Time after which a call counts as over even if its source does not say so. */
const LONGEST_CALL_MS = 30 * 86_400_000;

interface SeenCall {
  readonly startedAt: Date | null;
  /** Instant at which the call was first seen. */
  readonly createdAt: Date;
}

/** True if the call began, or if that is unknown was first seen, less than thirty days ago: it may still be running. */
export function mayBeGoingOn({ startedAt, createdAt }: SeenCall, now: Date): boolean {
  return now.getTime() - (startedAt ?? createdAt).getTime() < LONGEST_CALL_MS;
}
