import { compareText } from '../order.js';
import type { Transaction, CustomData } from './transaction.js';
import {
  composeCustomData,
  decomposeCustomData,
  isSameCustomData,
  keyOfNested,
  type FlatColumn,
} from './custom-data.js';
import { assembleTransaction } from './row.js';
import { SeenColumns, type Sighting } from '../seen-columns.js';
import type { ColumnValue } from '../blank.js';

/**
 * Folds transactions that were just read into the stored ones: one per id, in byte order of the ids. The result is the
 * same for any order, any repetition and any division between `stored` and `seen`. `changed` is false exactly if the
 * result says no more than `stored`, so that there is nothing to write. Takes transactions that transactionFromColumns
 * or foldTransactions returned.
 */
export function foldTransactions({ stored, seen }: { stored: readonly Transaction[]; seen: readonly Transaction[] }): {
  transactions: Transaction[];
  changed: boolean;
} {
  const states = new Map<string, TransactionState>();
  for (const transaction of stored) join(states, transaction);
  let changed = false;
  for (const transaction of seen) {
    if (join(states, transaction)) changed = true;
  }
  const transactions = [...states.values()].map((state) => state.toTransaction());
  return { transactions: transactions.sort((a, b) => compareText(a.transactionId, b.transactionId)), changed };
}

/** Adds a transaction to the states; returns true if it says anything new. */
function join(states: Map<string, TransactionState>, transaction: Transaction): boolean {
  const state = states.get(transaction.transactionId);
  if (state !== undefined) return state.join(transaction);
  states.set(transaction.transactionId, new TransactionState(transaction));
  return true;
}

const NESTED_COLUMN = 'custom_data';

type StatedValue = ColumnValue | CustomData;

/** Everything seen of one transaction, custom data included. The order of joining does not matter. */
class TransactionState {
  readonly #first: Transaction;
  readonly #columns = new SeenColumns<StatedValue>(canonicalText);
  readonly #standard = new Set<string>();
  #isTakenApart = false;
  #hasNews = false;

  constructor(first: Transaction) {
    this.#first = first;
  }

  /** Adds another sighting of this transaction; returns true if it says anything new. */
  join(transaction: Transaction): boolean {
    // Most rows are seen once, or again unchanged, so the first is taken apart only when another one differs.
    if (!this.#isTakenApart) {
      if (isRestatement(this.#first, transaction)) return false;
      this.#add(this.#first);
      this.#isTakenApart = true;
    }
    const isNews = this.#add(transaction);
    if (isNews) this.#hasNews = true;
    return isNews;
  }

  /** Returns the transaction to store: equal for equal states. */
  toTransaction(): Transaction {
    return this.#hasNews ? this.#assemble() : this.#first;
  }

  #add(transaction: Transaction): boolean {
    for (const name of Object.keys(transaction.columns)) this.#standard.add(name);
    const { firstSeenAt, sightings } = transaction;
    return this.#columns.add({ stated: statedBy(transaction), firstSeenAt, sightings });
  }

  #assemble(): Transaction {
    const columns: [string, ColumnValue][] = [];
    const flat: FlatColumn[] = [];
    let nested: CustomData = [];
    const sightings: Sighting<ColumnValue | CustomData>[] = [];
    for (const { name, value, sightings: ofColumn } of this.#columns.held()) {
      if (isNestedValue(value)) nested = value;
      else (this.#standard.has(name) ? columns : flat).push([name, value]);
      sightings.push(...ofColumn);
    }
    return assembleTransaction({
      transactionId: this.#first.transactionId,
      columns: Object.fromEntries(columns),
      customData: composeCustomData({ nested, flat }),
      firstSeenAt: this.#columns.firstSeenAt,
      sightings,
    });
  }
}

function* statedBy({ columns, customData }: Transaction): Generator<[name: string, value: StatedValue], void> {
  yield* Object.entries(columns);
  const { nested, flat } = decomposeCustomData(customData);
  for (const [name, value] of flat) {
    if (value !== null) yield [name, value];
  }
  if (nested.length > 0) yield [NESTED_COLUMN, nested];
}

/** True if a sighting, not earlier than the only known one, says nothing that the known one does not. */
function isRestatement(known: Transaction, seen: Transaction): boolean {
  if (known.sightings !== undefined || seen.sightings !== undefined) return false;
  if (seen.firstSeenAt.getTime() < known.firstSeenAt.getTime()) return false;
  if (seen.customData.length > 0 && !isSameCustomData(known.customData, seen.customData)) return false;
  return Object.entries(seen.columns).every(([name, value]) => known.columns[name] === value);
}

function canonicalText(value: StatedValue): string {
  return isNestedValue(value) ? keyOfNested(value) : JSON.stringify(value);
}

function isNestedValue(value: StatedValue): value is CustomData {
  return typeof value === 'object';
}
