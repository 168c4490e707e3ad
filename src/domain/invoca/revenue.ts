import type { DecimalText } from '../call.js';
import type { CallEvent } from './invoca-call.js';
import type { Chain } from './chains.js';
import { amountOf, isZeroAmount, readAmount, sumOf } from '../money/money.js';

export interface Revenue {
  readonly amount: DecimalText;
  /** Whose amounts are in it; those that stated a zero only where all did. */
  readonly transactionIds: readonly string[];
}

/**
 * What the primary leg's newest row and the newest row of each event state, summed exactly. Other legs add nothing:
 * theirs is the same call's. Null where no row states an amount.
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
 * How many of the rows that revenueOf looks at state something that cannot be read as an amount: what is missing from
 * the revenue until a person has looked, or a correction says it anew.
 */
export function countUnreadableAmounts(primary: Chain | null, chains: readonly Chain[]): number {
  const asked = chains.filter((chain) => chain.kind !== 'call' || chain === primary);
  return asked.filter(({ newest }) => readAmount(newest.transaction.columns['revenue']).kind === 'unreadable').length;
}
