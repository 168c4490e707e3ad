import { FIELD_NAMES, type CallCustomData, type Signal } from '../call.js';
import type { MergedInvocaCall } from './invoca-call.js';
import { FIELD_READERS } from './call-values.js';
import { mergeCall } from './merge.js';
import { compareRecency, rowOf, type Row } from './recency.js';
import type { TransactionKind } from './transaction-kind.js';
import type { ColumnValue } from '../blank.js';
import type { Transaction } from './transaction.js';

type StoryValue = ColumnValue | Date | null;

/** One value of the merged call before and after a transaction. */
interface Change {
  /** A field of the call (`result`), or one of its entries (`signals.Quote`, `columns.city`). */
  readonly what: string;
  readonly from: StoryValue;
  readonly to: StoryValue;
}

/** One transaction and what it changed. */
export interface Step {
  /** Instant of effect; null if the transaction does not state one. */
  readonly at: Date | null;
  readonly transactionId: string;
  readonly kind: TransactionKind;
  /** The id of the transaction it replaces. */
  readonly corrects: string | null;
  readonly changes: readonly Change[];
}

/**
 * Lists a call's transactions, oldest first and a corrected one before its correction, each with its changes to the
 * merge of those before it. The columns of the first are all new and are left out.
 */
export function storyOf(transactions: readonly Transaction[]): Step[] {
  const steps: Step[] = [];
  const told: Transaction[] = [];
  let before = snapshotOf(mergeCall([]));
  for (const row of inTellingOrder(transactions)) {
    told.push(row.transaction);
    const after = snapshotOf(mergeCall(told));
    steps.push({
      at: Number.isFinite(row.effectiveMs) ? new Date(row.effectiveMs) : null,
      transactionId: row.id,
      kind: row.kind,
      corrects: row.transaction.correctsTransactionId,
      changes: changesBetween(before, after).filter(({ what }) => told.length > 1 || !isColumn(what)),
    });
    before = after;
  }
  return steps;
}

function inTellingOrder(transactions: readonly Transaction[]): Row[] {
  const waiting = transactions.map(rowOf).sort(compareRecency);
  const untold = new Set(waiting.map((row) => row.id));
  const inOrder: Row[] = [];
  while (waiting.length > 0) {
    // In a loop of corrections each waits for another: take the oldest.
    const index = Math.max(
      0,
      waiting.findIndex((row) => !untold.has(row.transaction.correctsTransactionId ?? '')),
    );
    for (const row of waiting.splice(index, 1)) {
      untold.delete(row.id);
      inOrder.push(row);
    }
  }
  return inOrder;
}

/** Columns that a story leaves out: those of the call's fields, and those that differ in every transaction. */
const COLUMNS_TOLD_OTHERWISE: ReadonlySet<string> = new Set([
  'transaction_id',
  'transaction_type',
  'complete_call_id',
  'corrects_transaction_id',
  'corrected_at',
  'start_time_local',
  'start_time_network_timezone',
  'start_time_network_timezone_xml',
  'revenue',
  ...Object.values(FIELD_READERS).flatMap(({ columns }) => columns),
]);

type Snapshot = ReadonlyMap<string, StoryValue>;

function snapshotOf(call: MergedInvocaCall): Snapshot {
  const fields: [string, StoryValue][] = [
    ...FIELD_NAMES.map((name): [string, StoryValue] => [name, call[name]]),
    ['legs', call.legs.length],
    ['events', call.events.length],
  ];
  const named = (group: string, { name, value }: Signal | CallCustomData): [string, StoryValue] => [
    `${group}.${name}`,
    value,
  ];
  return new Map([
    ...fields,
    ...call.signals.map((signal) => named('signals', signal)),
    ...call.customData.map((entry) => named('customData', entry)),
    ...Object.entries(call.columns)
      .filter(([column]) => !COLUMNS_TOLD_OTHERWISE.has(column))
      .map(([column, value]): [string, StoryValue] => [`${COLUMN}${column}`, value]),
  ]);
}

const COLUMN = 'columns.';

function isColumn(what: string): boolean {
  return what.startsWith(COLUMN);
}

function changesBetween(before: Snapshot, after: Snapshot): Change[] {
  return [...new Set([...before.keys(), ...after.keys()])]
    .map((what) => ({ what, from: before.get(what) ?? null, to: after.get(what) ?? null }))
    .filter(({ from, to }) => comparable(from) !== comparable(to));
}

function comparable(value: StoryValue): ColumnValue | null {
  return value instanceof Date ? value.getTime() : value;
}
