import { textOf } from '../blank.js';
import { newestStated } from './call-values.js';
import type { Chain } from './chains.js';
import { compareRecency } from './recency.js';

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
export function isBundled(chain: Chain): boolean {
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
