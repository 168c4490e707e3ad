/**
 * Returns a condition that each of these values meets. Equality for a single one, because for `$in` beside another
 * condition the stand-in uses no index.
 */
export function anyOf(values: readonly string[]): string | { $in: string[] } {
  const [only] = values;
  return values.length === 1 && only !== undefined ? only : { $in: [...values] };
}
