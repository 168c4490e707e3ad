import fc from 'fast-check';
import type { MergedInvocaCall } from '../../src/domain/invoca/invoca-call.js';
import { composeCustomData, type FlatColumn } from '../../src/domain/invoca/custom-data.js';
import { foldTransactions } from '../../src/domain/invoca/fold.js';
import { mergeCall } from '../../src/domain/invoca/merge.js';
import { transactionFromColumns } from '../../src/domain/invoca/row.js';
import type { ColumnValue } from '../../src/domain/blank.js';
import type { CustomDataEntry, Transaction } from '../../src/domain/invoca/transaction.js';

type Columns = Readonly<Record<string, ColumnValue | null>>;

interface RowParts {
  readonly transactionId?: string;
  readonly columns?: Columns;
  readonly nested?: readonly CustomDataEntry[];
  readonly flat?: readonly FlatColumn[];
  readonly seenAt?: Date;
}

export const SEEN_AT = new Date('2024-06-01T00:00:00Z');
export const SEEN_LATER = new Date('2024-06-02T00:00:00Z');
export const SEEN_LAST = new Date('2024-06-03T00:00:00Z');

/** Builds a row as it was read once. */
export function aTransaction({
  transactionId = 'T1',
  columns = {},
  nested = [],
  flat = [],
  seenAt = SEEN_AT,
}: RowParts = {}): Transaction {
  return transactionFromColumns({ transactionId, columns, customData: composeCustomData({ nested, flat }), seenAt });
}

export function aCall(transactionId: string, columns: Columns = {}, parts: RowParts = {}): Transaction {
  return aTransaction({ ...parts, transactionId, columns: { transaction_type: 'Call', ...columns } });
}

export function aPostCallEvent(transactionId: string, columns: Columns = {}, parts: RowParts = {}): Transaction {
  return aCall(transactionId, { transaction_type: 'Post Call Event', ...columns }, parts);
}

/** Builds a correction that was made on 2 May 2024 at 12:MM UTC. */
export function aCorrection(
  transactionId: string,
  { of, minute, ...columns }: { of: string; minute: number } & Columns,
  parts: RowParts = {},
): Transaction {
  const correctedAt = `2024-05-02 12:${String(minute).padStart(2, '0')}:00 +00:00`;
  return aCall(transactionId, { corrects_transaction_id: of, corrected_at: correctedAt, ...columns }, parts);
}

export function aSignal(name: string, value: ColumnValue | null, source = 'AI'): CustomDataEntry {
  return { name, dataType: 'Signal', source, value };
}

export function aField(name: string, value: ColumnValue | null, source = 'Api'): CustomDataEntry {
  return { name, dataType: 'Category', source, value };
}

/** Folds rows into the transactions of their call; the order of the rows does not matter. */
export function foldAll(seen: readonly Transaction[]): Transaction[] {
  return foldTransactions({ stored: [], seen }).transactions;
}

export function mergeAll(...seen: readonly Transaction[]): MergedInvocaCall {
  return mergeCall(foldAll(seen));
}

/** The merged call without its transactions, the only part that depends on when rows were read. */
export function withoutSightings(call: MergedInvocaCall): MergedInvocaCall {
  return { ...call, transactions: [] };
}

const IDS = ['T1', 'T2', 'T3', 'T4', 'T5', 'T6'] as const;
const MISSING_IDS = ['M1', 'T0', 'Z9'] as const;
const NAMES = ['Quote', 'quote', 'QUOTE', 'Over 60s', 'line', 'Line', '__proto__', 'a.b $'] as const;
const FLAT_NAMES = [
  'Quote',
  'Quote.source',
  'Quote.source.source',
  'line',
  'line.source',
  'LINE',
  '__proto__',
  '__proto__.source',
] as const;

export const TYPES = [
  'Call',
  'Post Call Event',
  'PostCallEvent',
  'Sale',
  'Reported Conversion',
  'Signal',
  'Ringback',
] as const;

const transactionIds = fc.constantFrom(...IDS);

/** Few instants, so that rows often tie. The first two of `correctedAts` are the same instant. */
const seenAts = fc.constantFrom(SEEN_AT, SEEN_LATER, SEEN_LAST);
const correctedAts = fc.constantFrom(
  '2024-05-02 09:41:30 -07:00',
  '2024-05-02T16:41:30Z',
  '2024-05-02 09:41:31 -07:00',
  '2024-05-02 09:45:00',
  'soon',
);
const occurredAts = fc.constantFrom('1714673144', 1714673144, '1714668090', 1714668091000, 'never');
const starts = fc.constantFrom(1714667467000, '1714667467000', '1714668090000', 'x');
const xmlStarts = fc.constantFrom('2024-05-02T09:31:07-07:00', '2024-05-02T09:31:07');
const durations = fc.constantFrom<ColumnValue>(0, '0', 95, '214', 181, 'long');
const revenues = fc.constantFrom<ColumnValue>(
  ...['0.0', '80.0', '$1,234.50', '-5', 'CA$12.50', '₹1,00,000.00', '(80.00)', 'EUR 80', '12.340000000000001'],
  ...[7.25, '12,50', 'abc'],
);
const signalValues = fc.constantFrom<(ColumnValue | null)[]>(
  ...[true, false, null, 1, 0, 'true', 'false', 'Yes', 'no', 'T', 'f', 'off', ' ', 'maybe', 2],
);
const texts = fc.constantFrom<(ColumnValue | null)[]>('Search', 'Email', 1, '1', true, null);

function blankOr<T>(values: fc.Arbitrary<T>, weight = 2): fc.Arbitrary<T | null | ''> {
  return fc.oneof({ weight, arbitrary: values }, { weight: 1, arbitrary: fc.constantFrom(null, '' as const) });
}

const nestedEntries: fc.Arbitrary<CustomDataEntry> = fc.oneof(
  fc.record({
    name: fc.constantFrom(...NAMES),
    dataType: fc.constantFrom('Signal', 'signal'),
    source: fc.constantFrom('AI', 'Api', null),
    value: signalValues,
  }),
  fc.record({
    name: fc.constantFrom(...NAMES),
    dataType: fc.constantFrom('Category', 'Short Text', null),
    source: fc.constantFrom('Api', null),
    value: texts,
  }),
);

const flatColumns: fc.Arbitrary<FlatColumn[]> = fc.uniqueArray(
  fc.tuple(fc.constantFrom(...FLAT_NAMES), fc.constantFrom('AI', 'Api', 1, 0, true, null, '')),
  { maxLength: 4, selector: ([name]) => name },
);

/** Columns of a row, drawn from few values so that rows often agree, contradict each other and tie. */
const columnSets: fc.Arbitrary<Columns> = fc.record({
  transaction_type: blankOr(
    fc.constantFrom(...Array<'Call'>(5).fill('Call'), 'Post Call Event', 'Post Call Event', ...TYPES),
    12,
  ),
  corrects_transaction_id: fc.oneof(
    { weight: 6, arbitrary: fc.constantFrom(null, '') },
    { weight: 5, arbitrary: fc.constantFrom(...IDS) },
    { weight: 1, arbitrary: fc.constantFrom(...MISSING_IDS) },
  ),
  corrected_at: blankOr(correctedAts),
  signal_occurred_at: blankOr(occurredAts, 1),
  start_time_utc: blankOr(starts),
  start_time_xml: blankOr(xmlStarts, 1),
  duration: blankOr(durations),
  connect_duration: blankOr(durations),
  ivr_duration: blankOr(durations, 1),
  calling_phone_number: blankOr(
    fc.constantFrom('775-555-0143', '+1 888 555 0100', 'sip:+17755550143@203.0.113.7:5060', '775-555-0143 x12'),
  ),
  destination_phone_number: blankOr(fc.constantFrom('775-555-0199')),
  call_result_description_detail: blankOr(fc.constantFrom('Paid', 'Repeat')),
  revenue: blankOr(revenues),
  signal_partner_unique_id: blankOr(fc.constantFrom('crm-1', 'crm-1', 551, '551'), 3),
  payin_conditions: blankOr(fc.constantFrom('Bundled', 'Bundled', 'duration > 1 min')),
  recording: blankOr(fc.constantFrom('https://mynetwork.invoca.net/call/recording/EXAMPLE'), 1),
  signal_name: blankOr(fc.constantFrom('Quote', 'quote', 'Over 60s'), 1),
  signal_value: blankOr(fc.constantFrom<ColumnValue[]>(1, 0, '0', false, 'No', 'x'), 1),
});

/** A row of a call, read once. */
export const sightings: fc.Arbitrary<Transaction> = fc
  .record({
    transactionId: transactionIds,
    columns: columnSets,
    nested: fc.array(nestedEntries, { maxLength: 4 }),
    flat: flatColumns,
    seenAt: seenAts,
  })
  .map(aTransaction);

/** The same row read again: unchanged, with other values, or with values missing. */
function rereadingsOf(row: Transaction): fc.Arbitrary<Transaction> {
  const changes = fc.constantFrom<Partial<Transaction>[]>(
    {},
    {},
    { columns: { ...row.columns, call_result_description_detail: 'Not Paid' } },
    { columns: { ...row.columns, duration: 0, connect_duration: '0' } },
    { columns: {} },
    { customData: [] },
    { customData: row.customData.slice(1) },
    { customData: composeCustomData({ nested: [], flat: [['line', 'Standard']] }) },
  );
  return fc
    .tuple(changes, seenAts)
    .map(([{ columns = row.columns, customData = row.customData }, seenAt]) =>
      transactionFromColumns({ transactionId: row.transactionId, columns, customData, seenAt }),
    );
}

/** Everything read of one call: rows that contradict each other, some of them read several times. */
export const histories: fc.Arbitrary<Transaction[]> = fc
  .array(sightings, { minLength: 1, maxLength: 6 })
  .chain((rows) => {
    const again = fc.constantFrom(...rows).chain(rereadingsOf);
    return fc.array(again, { maxLength: 6 }).map((rereadings) => [...rows, ...rereadings]);
  });

/** Transactions of a call, each read once. */
export const calls: fc.Arbitrary<Transaction[]> = fc.uniqueArray(sightings, {
  minLength: 1,
  maxLength: 6,
  selector: ({ transactionId }) => transactionId,
});

/** The same items in another order, some of them twice. */
export function shuffledAndRepeated<T>(items: readonly T[]): fc.Arbitrary<T[]> {
  const all = fc.shuffledSubarray([...items], { minLength: items.length });
  return fc
    .tuple(all, fc.shuffledSubarray([...items]))
    .chain(([once, again]) => fc.shuffledSubarray([...once, ...again], { minLength: once.length + again.length }));
}

/** The list cut into pages in the same order; the first page may be empty. */
export function pagesOf<T>(items: readonly T[]): fc.Arbitrary<T[][]> {
  return fc.array(fc.boolean(), { minLength: items.length, maxLength: items.length }).map((cuts) => {
    const pages: T[][] = [[]];
    for (const [index, item] of items.entries()) {
      if (cuts[index] === true) pages.push([]);
      pages.at(-1)?.push(item);
    }
    return pages;
  });
}
