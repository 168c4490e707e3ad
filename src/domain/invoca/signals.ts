import { textOf, type ColumnValue } from '../blank.js';
import type { Signal } from '../call.js';
import type { Chain } from './chains.js';
import { compareText } from '../order.js';
import { compareRecency, type Row } from './recency.js';
import { newestRuns, runsOf, type Run } from './runs.js';
import type { CustomDataEntry } from './transaction.js';

interface SignalStatement {
  readonly name: string;
  readonly value: boolean;
  readonly source: string | null;
}

/** Returns the key of a Signal's name: names are compared without regard to case (Signal API). */
export function signalKey(name: string): string {
  return name.toLowerCase();
}

export function isSignal(entry: CustomDataEntry): boolean {
  return entry.dataType?.toLowerCase() === 'signal';
}

/** True if an entry is of type Signal and true, false or blank; one with another value is kept as custom data. */
export function statesSignal(entry: CustomDataEntry): boolean {
  return isSignal(entry) && (isBlankText(entry.value) || truthOf(entry.value) !== null);
}

function isBlankText(value: ColumnValue | null): boolean {
  return value === null || (typeof value === 'string' && value.trim() === '');
}

/**
 * Merges the Signals of a call, sorted by lower-cased name. True adds a Signal, false removes it (it stays listed), and
 * null says nothing. The newest change across all chains counts.
 */
export function mergeSignals(chains: readonly Chain[]): Signal[] {
  const statements = new Map<Row, ReadonlyMap<string, SignalStatement>>();
  for (const chain of chains) for (const row of chain.rows) statements.set(row, signalsOf(row));
  const statementsOf = (row: Row): ReadonlyMap<string, SignalStatement> => statements.get(row) ?? new Map();

  const runs = newestRuns(chains.map((chain) => runsOf(chain, statementsOf)));
  const names = newestSpellings(statements);
  return [...runs]
    .sort(([a], [b]) => compareText(a, b))
    .map(([key, run]) => signalFrom(run, names.get(key) ?? run.statement.name));
}

function signalFrom({ statement, row }: Run<SignalStatement>, name: string): Signal {
  return { name, value: statement.value, source: statement.source, transactionId: row.id };
}

function newestSpellings(statements: ReadonlyMap<Row, ReadonlyMap<string, SignalStatement>>): Map<string, string> {
  const newest = new Map<string, { name: string; row: Row }>();
  for (const [row, stated] of statements) {
    for (const [key, { name }] of stated) {
      const rival = newest.get(key);
      if (rival === undefined || compareRecency(rival.row, row) < 0) newest.set(key, { name, row });
    }
  }
  return new Map([...newest].map(([key, { name }]) => [key, name]));
}

/** Maps signalKeys to what a row states. */
function signalsOf(row: Row): Map<string, SignalStatement> {
  const stated = new Map<string, SignalStatement>();
  for (const entry of row.transaction.customData) {
    const value = isSignal(entry) ? truthOf(entry.value) : null;
    if (value !== null) state(stated, { name: entry.name, value, source: entry.source });
  }
  const old = row.kind === 'signal' ? oldSignalOf(row) : null;
  if (old !== null) state(stated, old);
  return stated;
}

/** Adds a statement. If a row has several of one name, the first true one counts, else the first in canonical order. */
function state(stated: Map<string, SignalStatement>, statement: SignalStatement): void {
  const key = signalKey(statement.name);
  const rival = stated.get(key);
  if (rival === undefined || (statement.value && !rival.value)) stated.set(key, statement);
}

/** Reads the row that older API versions return for each Signal, which is true unless its value says otherwise. */
function oldSignalOf(row: Row): SignalStatement | null {
  const { columns } = row.transaction;
  const name = textOf(columns['signal_name']);
  if (name === null) return null;
  const value = truthOf(columns['signal_value'] ?? null) ?? true;
  return { name, value, source: textOf(columns['signal_source']) };
}

const TRUTHS: ReadonlyMap<ColumnValue, boolean> = new Map<ColumnValue, boolean>([
  ...[true, 1, 'true', 't', 'yes', 'y', 'on', '1', '1.0'].map((value): [ColumnValue, boolean] => [value, true]),
  ...[false, 0, 'false', 'f', 'no', 'n', 'off', '0', '0.0'].map((value): [ColumnValue, boolean] => [value, false]),
]);

/** Reads a Signal's value; null if it is blank, or neither true nor false. */
function truthOf(value: ColumnValue | null): boolean | null {
  if (value === null) return null;
  return TRUTHS.get(typeof value === 'string' ? value.trim().toLowerCase() : value) ?? null;
}
