import { compareText } from '../order.js';
import { TransactionState } from './transaction-state.js';
import type { Transaction } from './transaction.js';

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
