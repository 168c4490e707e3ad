/**
 * Returns a condition that each of these values meets. Equality for a single one, because not every server uses an
 * index as well for `$in`.
 */
export function anyOf(values: readonly string[]): string | { $in: string[] } {
  const [only] = values;
  return values.length === 1 && only !== undefined ? only : { $in: [...values] };
}
