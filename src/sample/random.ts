import { createHash } from 'node:crypto';
import { uniformInt } from 'pure-rand/distribution/uniformInt';
import { xoroshiro128plus } from 'pure-rand/generator/xoroshiro128plus';

/** A stream of random choices, the same on every machine for the same path. */
export interface Random {
  /** Both bounds included. */
  int(from: number, to: number): number;
  chance(probability: number): boolean;
  pick<Item>(items: readonly [Item, ...Item[]]): Item;
  /** Upper-case hexadecimal digits. */
  hex(digits: number): string;
}

/**
 * Creates the stream of a path. Streams of different paths are independent: one more draw from one does not change the
 * others.
 */
export function createRandom(...path: readonly (string | number)[]): Random {
  const generator = xoroshiro128plus(createHash('sha256').update(path.join('/')).digest().readInt32BE(0));
  const int = (from: number, to: number) => uniformInt(generator, from, to);
  return {
    int,
    chance: (probability) => int(1, 1_000_000) <= probability * 1_000_000,
    pick: (items) => items[int(0, items.length - 1)] ?? items[0],
    hex: (digits) =>
      Array.from({ length: digits }, () => int(0, 15).toString(16))
        .join('')
        .toUpperCase(),
  };
}
