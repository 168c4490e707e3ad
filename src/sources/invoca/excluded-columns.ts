/** Columns an operator does not want: neither asked for nor stored, whether standard, custom or nested. */
export interface ExcludedColumns {
  readonly names: readonly string[];
  /**
   * Without regard to case, and `Quote.source` with `Quote`: what is left out for privacy must not come in by spelling.
   */
  has(name: string): boolean;
}

export function createExcludedColumns(names: readonly string[]): ExcludedColumns {
  const lowerCased = new Set(names.map((name) => name.toLowerCase()));
  return {
    names,
    has(name) {
      if (lowerCased.size === 0) return false;
      const wanted = name.toLowerCase();
      return lowerCased.has(wanted) || lowerCased.has(wanted.replace(/\.source$/, ''));
    },
  };
}
