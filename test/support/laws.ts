import type { ColumnValue } from '../../src/domain/blank.js';
import type { CustomDataEntry, Transaction } from '../../src/domain/invoca/transaction.js';

/**
 * A chain by the merge laws. This file follows the laws literally, without regard to speed, and shares no code with the
 * merge: the tests compare the merge with it.
 */
export interface ChainByLaw {
  /** Rows of the chain, oldest first. */
  readonly rows: readonly Transaction[];
  readonly newest: Transaction;
  readonly original: string;
  readonly kind: string;
}

type Rank = readonly (number | string)[];

const NEVER = -Infinity;
const RANKS = ['call', 'sale', 'signal', 'post_call_event', 'other'];

export function byRank<T>(rankOf: (item: T) => Rank): (a: T, b: T) => number {
  return (a, b) => {
    const [left, right] = [rankOf(a), rankOf(b)];
    const index = left.findIndex((part, at) => part !== right[at]);
    const [x, y] = [left[index], right[index]];
    return x === undefined || y === undefined ? 0 : x < y ? -1 : 1;
  };
}

export function kindByLaw(type: string | null): string {
  const spelled = (type ?? '').replaceAll(' ', '');
  if (spelled === 'Call') return 'call';
  if (spelled === 'PostCallEvent') return 'post_call_event';
  if (spelled === 'Sale' || spelled === 'ReportedConversion') return 'sale';
  return spelled === 'Signal' ? 'signal' : 'other';
}

function textInstant(value: ColumnValue | undefined): number {
  const text = String(value);
  return /\d(Z| ?[+-]\d\d:\d\d)$/.test(text) ? Date.parse(text.replace(' ', 'T').replace(' ', '')) : NEVER;
}

function numberInstant(value: ColumnValue | undefined): number {
  return /^\d+$/.test(String(value)) ? Number(value) : NEVER;
}

function occurredAt({ columns }: Transaction): number {
  const stated = numberInstant(columns['signal_occurred_at']);
  return stated < 1e11 ? stated * 1000 : stated;
}

export function startByLaw({ columns }: Transaction): number {
  const start = numberInstant(columns['start_time_utc']);
  return start === NEVER ? textInstant(columns['start_time_xml']) : start;
}

function effectiveAt(row: Transaction): number {
  const candidates = [textInstant(row.columns['corrected_at']), occurredAt(row)];
  return candidates.find((at) => at !== NEVER) ?? numberInstant(row.columns['start_time_utc']);
}

export const recency = (row: Transaction): Rank => [
  effectiveAt(row),
  RANKS.indexOf(kindByLaw(row.type)),
  row.transactionId,
];

/** Rank in a list of legs or events: by effective instant, then by id. */
export const listed = (row: Transaction): Rank => [effectiveAt(row), row.transactionId];

function areLinked(a: Transaction, b: Transaction): boolean {
  const [partnerOfA, partnerOfB] = [a, b].map(({ type, columns }) =>
    kindByLaw(type) === 'post_call_event' ? columns['signal_partner_unique_id'] : undefined,
  );
  return (
    a.correctsTransactionId === b.transactionId ||
    b.correctsTransactionId === a.transactionId ||
    (a.correctsTransactionId !== null && a.correctsTransactionId === b.correctsTransactionId) ||
    (partnerOfA !== undefined && String(partnerOfA) === String(partnerOfB))
  );
}

function depthOf(row: Transaction, rows: readonly Transaction[]): number {
  const passed = [row];
  for (;;) {
    const last = passed.at(-1) ?? row;
    if (last.correctsTransactionId === null) return passed.length - 1;
    const next = rows.find(({ transactionId }) => transactionId === last.correctsTransactionId);
    if (next === undefined) return passed.length;
    const loop = passed.includes(next) ? passed.slice(passed.indexOf(next)) : [];
    const smallest = loop.map(({ transactionId }) => transactionId).sort()[0];
    if (smallest !== undefined) return passed.findIndex(({ transactionId }) => transactionId === smallest);
    passed.push(next);
  }
}

function groupsByLaw(rows: readonly Transaction[]): Transaction[][] {
  const left = new Set(rows);
  const groups: Transaction[][] = [];
  for (const first of rows) {
    if (!left.delete(first)) continue;
    const group = [first];
    for (const member of group) {
      for (const other of left) {
        if (areLinked(member, other) && left.delete(other)) group.push(other);
      }
    }
    groups.push(group);
  }
  return groups;
}

export function chainsByLaw(rows: readonly Transaction[]): ChainByLaw[] {
  return groupsByLaw(rows).map((group) => {
    const sorted = group.sort(
      byRank((row) => [
        row.correctsTransactionId === null ? 0 : 1,
        textInstant(row.columns['corrected_at']),
        depthOf(row, rows),
        occurredAt(row),
        row.transactionId,
      ]),
    );
    const newest = sorted.at(-1);
    if (newest === undefined) throw new Error('a chain has at least one row');
    const missing = sorted
      .flatMap((row) => row.correctsTransactionId ?? [])
      .filter((id) => !rows.some(({ transactionId }) => transactionId === id));
    const ids = sorted.map(({ transactionId }) => transactionId);
    const first = sorted.find(({ correctsTransactionId }) => correctsTransactionId === null)?.transactionId;
    const type = sorted.findLast((row) => row.type !== null)?.type ?? null;
    return {
      rows: sorted,
      newest,
      original: first ?? [...missing].sort()[0] ?? ids.sort()[0] ?? '',
      kind: kindByLaw(type),
    };
  });
}

export function primaryByLaw(chains: readonly ChainByLaw[]): ChainByLaw | undefined {
  const isBundled = ({ rows }: ChainByLaw): boolean =>
    rows.findLast(({ columns }) => columns['payin_conditions'] !== undefined)?.columns['payin_conditions'] ===
    'Bundled';
  const legs = chains.filter(({ kind }) => kind === 'call');
  const all = legs.length > 0 ? legs : chains;
  const destinations = all.filter((chain) => !isBundled(chain));
  return [...(destinations.length > 0 ? destinations : all)].sort(byRank(({ newest }) => recency(newest))).at(-1);
}

/** A value and the row that states it; across chains, the recency of that row counts. */
export interface Counted {
  readonly value: ColumnValue;
  readonly row: Transaction;
}

/** The newest value of a chain, and the oldest row that states it with no other value in between. */
export function countedInChain(chain: ChainByLaw, said: (row: Transaction) => ColumnValue | null): Counted | null {
  const statements = chain.rows.flatMap((row) => {
    const value = said(row);
    return value === null ? [] : [{ value, row }];
  });
  const newest = statements.at(-1);
  if (newest === undefined) return null;
  const lastOther = statements.findLastIndex(({ value }) => value !== newest.value);
  return statements[lastOther + 1] ?? null;
}

export function newestAcross(counted: readonly (Counted | null)[]): Counted | undefined {
  return counted
    .flatMap((one) => one ?? [])
    .sort(byRank(({ row }) => recency(row)))
    .at(-1);
}

const TRUTHS = ['true', '1', 't', 'yes', 'y', 'on'];
const LIES = ['false', '0', 'f', 'no', 'n', 'off'];

function truthByLaw(value: ColumnValue | null): boolean | null {
  const said = String(value ?? '').toLowerCase();
  return TRUTHS.includes(said) ? true : LIES.includes(said) ? false : null;
}

export function signalByLaw(row: Transaction, key: string): boolean | null {
  const said = row.customData
    .filter((entry) => isSignalEntry(entry) && entry.name.toLowerCase() === key)
    .map(({ value }) => truthByLaw(value));
  if (row.type === 'Signal' && String(row.columns['signal_name'] ?? '').toLowerCase() === key) {
    said.push(truthByLaw(row.columns['signal_value'] ?? '') ?? true);
  }
  return said.includes(true) ? true : said.includes(false) ? false : null;
}

export function isSignalEntry({ dataType }: CustomDataEntry): boolean {
  return dataType?.toLowerCase() === 'signal';
}

/** The last nested entry of a name, in canonical order; else the last flat one unless a signal hides it. */
export function customDatumByLaw(row: Transaction, name: string): CustomDataEntry | undefined {
  const isFlat = (entry: CustomDataEntry): boolean => entry.dataType === null && entry.nested === undefined;
  const isSignalValue = (entry: CustomDataEntry): boolean =>
    isSignalEntry(entry) && (truthByLaw(entry.value) !== null || String(entry.value).trim() === '');
  const stated = row.customData.filter((entry) => entry.name === name && entry.value !== null && !isSignalValue(entry));
  const isHidden = row.customData.some(
    (entry) => isSignalEntry(entry) && entry.name.toLowerCase() === name.toLowerCase(),
  );
  const nested = stated.filter((entry) => !isFlat(entry));
  return nested.at(-1) ?? (isHidden ? undefined : stated.at(-1));
}
