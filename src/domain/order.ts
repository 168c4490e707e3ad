/** Compares ids and names by code unit, which for ids (`[0-9A-Z-]`) is byte order. */
export function compareText(a: string, b: string): number {
  if (a === b) return 0;
  return a < b ? -1 : 1;
}

/** Returns the given list if it is in order already, as most lists from the store are; else a sorted copy. */
export function inOrder<T>(items: readonly T[], compare: (a: T, b: T) => number): readonly T[] {
  let previous = items[0];
  for (const item of items) {
    if (previous !== undefined && compare(previous, item) > 0) return items.toSorted(compare);
    previous = item;
  }
  return items;
}
