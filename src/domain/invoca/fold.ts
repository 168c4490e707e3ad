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
 * Folds the transactions just seen into those stored: one transaction per id, in byte order of the ids. The result is
 * the same for any order, any repetition and any division between `stored` and `seen`. `changed` is false exactly
 * where the result says no more than `stored` did, so that there is nothing to write. Takes transactions as
 * transactionFromColumns makes them and as it gives them itself.
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

/** True where the transaction says anything new. */
function join(states: Map<string, TransactionState>, transaction: Transaction): boolean {
  const state = states.get(transaction.transactionId);
  if (state !== undefined) return state.join(transaction);
  states.set(transaction.transactionId, new TransactionState(transaction));
  return true;
}

const NESTED_COLUMN = 'custom_data';

type StatedValue = ColumnValue | CustomData;

/** All that was ever seen of one transaction, its custom data included: joining it in any order gives the same. */
class TransactionState {
  readonly #first: Transaction;
  readonly #columns = new SeenColumns<StatedValue>(canonicalText);
  readonly #standard = new Set<string>();
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
      columns,
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

/** Whether a later sighting merely repeats what the one known sighting says, or says less. */
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
