/** Compares ids and names by code unit, which for ids (`[0-9A-Z-]`) is byte order. */
export function compareText(a: string, b: string): number {
  if (a === b) return 0;
  return a < b ? -1 : 1;
}

/** Returns the given list if it is in order already, as most lists from the store are; else a sorted copy. */
export function inOrder<T>(items: readonly T[], compare: (a: T, b: T) => number): readonly T[] {
  for (const [index, item] of items.entries()) {
    const next = items[index + 1];
    if (next !== undefined && compare(item, next) > 0) return items.toSorted(compare);
  }
  return items;
}
