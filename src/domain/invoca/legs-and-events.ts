import type { CallEvent, Leg } from './invoca-call.js';
import { durationOfChain, newestStated } from './call-values.js';
import { type Chain, partnerUniqueIdOf } from './chains.js';
import { amountOf } from '../money/money.js';
import { compareText } from '../order.js';
import { compareInstants, compareRecency } from './recency.js';
import { textOf } from '../blank.js';

/** Returns the legs of a call: its chains of type Call, oldest first. */
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

/** Returns the events of a call: its chains of every other type, oldest first. */
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
 * Chooses the chain whose values count for the call: the newest leg that is not bundled, which in a bundled campaign is
 * the destination's; else the newest leg. Without a leg it chooses among all chains. Null if there are no chains.
 */
export function primaryChainOf(chains: readonly Chain[]): Chain | null {
  const legs = chains.filter((chain) => chain.kind === 'call');
  const candidates = legs.length > 0 ? legs : chains;
  const destinations = candidates.filter((chain) => !isBundled(chain));
  return newestOf(destinations.length > 0 ? destinations : candidates);
}

/** True if the newest pay-in condition that the chain states is that of a bundled campaign. */
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
