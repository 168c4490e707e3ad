import type { CallEvent, Leg } from './invoca-call.js';
import { durationOfChain } from './call-values.js';
import type { Chain } from './chains.js';
import { partnerUniqueIdOf } from './chains.js';
import { amountOf } from '../money/money.js';
import { compareText } from '../order.js';
import { isBundled } from './primary-chain.js';
import { compareInstants } from './recency.js';

/** The chains of type Call, oldest first. */
export function legsOf(chains: readonly Chain[]): Leg[] {
  return chains
    .filter((chain) => chain.kind === 'call')
    .sort(compareChains)
    .map((chain) => ({
      transactionId: chain.newest.id,
      originalTransactionId: chain.originalTransactionId,
      bundled: isBundled(chain),
      durationSeconds: durationOfChain(chain),
    }));
}

/** The chains of every other type, oldest first. */
export function eventsOf(chains: readonly Chain[]): CallEvent[] {
  return chains
    .filter((chain) => chain.kind !== 'call')
    .sort(compareChains)
    .flatMap((chain) => eventOf(chain) ?? []);
}

function eventOf({ kind, type, newest, originalTransactionId }: Chain): CallEvent | null {
  if (kind === 'call') return null;
  return {
    kind,
    ...(kind === 'other' ? { type } : {}),
    partnerUniqueId: partnerUniqueIdOf(newest),
    occurredAt: newest.occurredAt,
    revenue: amountOf(newest.transaction.columns['revenue']),
    transactionId: newest.id,
    originalTransactionId,
  };
}

function compareChains({ newest: a }: Chain, { newest: b }: Chain): number {
  return compareInstants(a.effectiveMs, b.effectiveMs) || compareText(a.id, b.id);
}
