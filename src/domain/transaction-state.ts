import { composeCustomData, decomposeCustomData, isSameCustomData, keyOfNested } from './custom-data.js';
import type { FlatColumn } from './custom-data.js';
import { DURATION_COLUMNS, isZeroDuration } from './durations.js';
import { compareText } from './order.js';
import { assembleTransaction } from './row.js';
import type { ColumnValue, CustomData, Sighting, Transaction } from './transaction.js';

const NESTED_COLUMN = 'custom_data';

type StatedValue = ColumnValue | CustomData;

interface SeenValue {
  readonly value: StatedValue;
  readonly firstSeenMs: number;
}

interface SeenColumn {
  isStandard: boolean;
  /** By the value itself; by its canonical text for nested custom data, which is not a primitive. */
  readonly values: Map<ColumnValue, SeenValue>;
}

/**
 * All that was ever seen of one transaction: for each column the distinct values, each with the earliest instant it
 * was seen at. Joining takes the union of the values and the earlier of two instants, so it is commutative,
 * associative and idempotent, whatever was seen and in whatever order.
 */
export class TransactionState {
  readonly #first: Transaction;
  readonly #columns = new Map<string, SeenColumn>();
  #firstSeenMs = Number.POSITIVE_INFINITY;
  #isTakenApart = false;
  #hasNews = false;

  constructor(first: Transaction) {
    this.#first = first;
  }

  /** Joins what another transaction of this id says into the state; true where it says anything new. */
  join(transaction: Transaction): boolean {
    // Most rows are seen once, or again as they were, so the first is taken apart only when another one differs.
    if (!this.#isTakenApart) {
      if (isRestatement(this.#first, transaction)) return false;
      this.#add(this.#first);
      this.#isTakenApart = true;
    }
    const isNews = this.#add(transaction);
    if (isNews) this.#hasNews = true;
    return isNews;
  }

  /** The transaction as it is stored: equal for equal states. */
  toTransaction(): Transaction {
    return this.#hasNews ? this.#assemble() : this.#first;
  }

  #add(transaction: Transaction): boolean {
    const rowSeenMs = transaction.firstSeenAt.getTime();
    let isNews = rowSeenMs < this.#firstSeenMs;
    if (isNews) this.#firstSeenMs = rowSeenMs;
    for (const { name, isStandard, seen } of seenValuesOf(transaction)) {
      if (this.#see(name, seen)) isNews = true;
      if (isStandard) this.#column(name).isStandard = true;
    }
    return isNews;
  }

  #assemble(): Transaction {
    const columns: [string, ColumnValue][] = [];
    const flat: FlatColumn[] = [];
    let nested: CustomData = [];
    const sightings: Sighting[] = [];
    for (const column of [...this.#columns.keys()].sort()) {
      const { isStandard, values } = this.#column(column);
      const newestFirst = [...values.values()].sort(compareNewestFirst);
      const [holding] = newestFirst;
      if (holding === undefined) continue;
      if (isNestedValue(holding.value)) nested = holding.value;
      else (isStandard ? columns : flat).push([column, holding.value]);
      sightings.push(...this.#sightingsOf(column, newestFirst));
    }
    return assembleTransaction({
      transactionId: this.#first.transactionId,
      columns,
      customData: composeCustomData({ nested, flat }),
      firstSeenAt: new Date(this.#firstSeenMs),
      sightings,
    });
  }

  #sightingsOf(column: string, newestFirst: readonly SeenValue[]): Sighting[] {
    const sightings: Sighting[] = [];
    for (const [index, { value, firstSeenMs }] of newestFirst.entries()) {
      const firstSeenAt = new Date(firstSeenMs);
      if (index > 0) sightings.push({ column, value, firstSeenAt });
      else if (firstSeenMs !== this.#firstSeenMs) sightings.push({ column, firstSeenAt });
    }
    return sightings;
  }

  #see(name: string, { value, firstSeenMs }: SeenValue): boolean {
    const { values } = this.#column(name);
    const key = isNestedValue(value) ? keyOfNested(value) : value;
    const known = values.get(key);
    if (known !== undefined) {
      if (known.firstSeenMs <= firstSeenMs) return false;
    } else if (DURATION_COLUMNS.has(name) && !makesRoom(values, value)) {
      return false;
    }
    values.set(key, { value, firstSeenMs });
    return true;
  }

  #column(name: string): SeenColumn {
    const known = this.#columns.get(name);
    if (known !== undefined) return known;
    const column: SeenColumn = { isStandard: false, values: new Map() };
    this.#columns.set(name, column);
    return column;
  }
}

/** Every value a transaction holds or held, with the earliest instant it was seen at. */
function* seenValuesOf(
  transaction: Transaction,
): Generator<{ name: string; isStandard: boolean; seen: SeenValue }, void> {
  const rowSeenMs = transaction.firstSeenAt.getTime();
  const heldSinceMs = new Map<string, number>();
  for (const { column, value, firstSeenAt } of transaction.sightings ?? []) {
    const firstSeenMs = firstSeenAt.getTime();
    if (value === undefined) heldSinceMs.set(column, firstSeenMs);
    else yield { name: column, isStandard: false, seen: { value, firstSeenMs } };
  }
  const held = (name: string, value: StatedValue): SeenValue => ({
    value,
    firstSeenMs: heldSinceMs.get(name) ?? rowSeenMs,
  });
  for (const [name, value] of Object.entries(transaction.columns)) {
    yield { name, isStandard: true, seen: held(name, value) };
  }
  const { nested, flat } = decomposeCustomData(transaction.customData);
  for (const [name, value] of flat) {
    if (value !== null) yield { name, isStandard: false, seen: held(name, value) };
  }
  if (nested.length > 0) yield { name: NESTED_COLUMN, isStandard: false, seen: held(NESTED_COLUMN, nested) };
}

/** Whether a later sighting merely repeats what the one known sighting says, or says less. */
function isRestatement(known: Transaction, seen: Transaction): boolean {
  if (known.sightings !== undefined || seen.sightings !== undefined) return false;
  if (seen.firstSeenAt.getTime() < known.firstSeenAt.getTime()) return false;
  if (seen.customData.length > 0 && !isSameCustomData(known.customData, seen.customData)) return false;
  return Object.entries(seen.columns).every(([name, value]) => known.columns[name] === value);
}

/** In a duration column a 0 is a blank against any other value: it is kept only where there is nothing better. */
function makesRoom(values: Map<ColumnValue, SeenValue>, value: StatedValue): boolean {
  const isZero = !isNestedValue(value) && isZeroDuration(value);
  for (const key of values.keys()) {
    if (isZeroDuration(key)) {
      if (!isZero) values.delete(key);
    } else if (isZero) {
      return false;
    }
  }
  return true;
}

/** The value that holds is the one first seen last; of two seen first at one instant, the greater text. */
function compareNewestFirst(a: SeenValue, b: SeenValue): number {
  return b.firstSeenMs - a.firstSeenMs || compareText(canonicalText(b.value), canonicalText(a.value));
}

function canonicalText(value: StatedValue): string {
  return isNestedValue(value) ? keyOfNested(value) : JSON.stringify(value);
}

function isNestedValue(value: StatedValue): value is CustomData {
  return typeof value === 'object';
}
