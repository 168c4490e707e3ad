/** Adds `documents`, the number of documents written. `calls` is the same number and keeps its first name. */
export function withDocuments<Counts extends { readonly calls: number }>(
  counts: Counts,
): Counts & { readonly documents: number } {
  return { ...counts, documents: counts.calls };
}
