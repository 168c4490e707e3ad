import type { CallEvent, Leg } from './invoca-call.js';
import { durationOfChain, newestStated } from './call-values.js';
import { type Chain, partnerUniqueIdOf } from './chains.js';
import { amountOf } from '../money/money.js';
import { compareText } from '../order.js';
import { compareInstants, compareRecency } from './recency.js';
import { textOf } from '../blank.js';

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

/**
 * The chain that speaks for the call: its Call chain, or in a bundled campaign the destination's, which is the one that
 * is not bundled; of several the newest. Without a Call chain, the same among all. Null where there are no chains.
 */
export function primaryChainOf(chains: readonly Chain[]): Chain | null {
  const legs = chains.filter((chain) => chain.kind === 'call');
  const candidates = legs.length > 0 ? legs : chains;
  const destinations = candidates.filter((chain) => !isBundled(chain));
  return newestOf(destinations.length > 0 ? destinations : candidates);
}

/** Whether the newest pay-in condition the chain states is that of a bundled campaign. */
function isBundled(chain: Chain): boolean {
  const stated = newestStated(chain.rows, (columns) => textOf(columns['payin_conditions']));
  return stated?.value.trim().toLowerCase() === 'bundled';
}

function newestOf(chains: readonly Chain[]): Chain | null {
  let newest: Chain | null = null;
  for (const chain of chains) {
    if (newest === null || compareRecency(newest.newest, chain.newest) < 0) newest = chain;
  }
  return newest;
}
