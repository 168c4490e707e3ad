import type { DecimalText } from '../call.js';
import type { CallEvent } from './invoca-call.js';
import type { Chain } from './chains.js';
import { amountOf, isZeroAmount, readAmount, sumOf } from '../money/money.js';

export interface Revenue {
  readonly amount: DecimalText;
  /** Transactions whose amounts were added; those of zero are named only if all are zero. */
  readonly transactionIds: readonly string[];
}

/**
 * Sums the amounts of the primary leg's newest row and of each event's newest row. Other legs add nothing, since their
 * amounts are those of the same call. Null if no row states an amount.
 */
export function revenueOf(primary: Chain | null, events: readonly CallEvent[]): Revenue | null {
  const stated: { amount: DecimalText; transactionId: string }[] = [];
  if (primary?.kind === 'call') {
    const amount = amountOf(primary.newest.transaction.columns['revenue']);
    if (amount !== null) stated.push({ amount, transactionId: primary.newest.id });
  }
  for (const { revenue, transactionId } of events) {
    if (revenue !== null) stated.push({ amount: revenue, transactionId });
  }
  const amount = sumOf(stated.map((addend) => addend.amount));
  if (amount === null) return null;
  const contributing = stated.filter((addend) => !isZeroAmount(addend.amount));
  const named = contributing.length > 0 ? contributing : stated;
  return { amount, transactionIds: named.map((addend) => addend.transactionId) };
}

/**
 * Counts the rows of revenueOf whose amount cannot be read. Their amounts are missing from the revenue until a
 * correction states them again.
 */
export function countUnreadableAmounts(primary: Chain | null, chains: readonly Chain[]): number {
  const asked = chains.filter((chain) => chain.kind !== 'call' || chain === primary);
  return asked.filter(({ newest }) => readAmount(newest.transaction.columns['revenue']).kind === 'unreadable').length;
}
