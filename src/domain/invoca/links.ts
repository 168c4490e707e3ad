/** Maps each transaction id to the id that it corrects, or to null. */
export type Corrections = ReadonlyMap<string, string | null>;

/**
 * Counts the links from each transaction to its original: a transaction that corrects nothing, a missing id, or the
 * smallest id of a loop of corrections. Takes linear time.
 */
export function linkDepths(corrections: Corrections): ReadonlyMap<string, number> {
  const depths = new Map<string, number>();
  for (const [id, corrected] of corrections) {
    if (corrected === null) depths.set(id, 0);
    else if (!corrections.has(corrected)) depths.set(corrected, 0);
  }
  for (const id of corrections.keys()) {
    const loop = settlePath(id, { corrections, depths });
    if (loop === null) continue;
    depths.set(smallest(loop), 0);
    settlePath(id, { corrections, depths });
  }
  return depths;
}

/** Sets the depth of every id from `start` to one of known depth, or returns the loop that the links run into. */
function settlePath(
  start: string,
  { corrections, depths }: { corrections: Corrections; depths: Map<string, number> },
): string[] | null {
  const path: string[] = [];
  const positions = new Map<string, number>();
  let id = start;
  let known = depths.get(id);
  while (known === undefined) {
    const position = positions.get(id);
    if (position !== undefined) return path.slice(position);
    positions.set(id, path.length);
    path.push(id);
    id = corrections.get(id) ?? id;
    known = depths.get(id);
  }
  for (const [index, passed] of path.entries()) depths.set(passed, known + path.length - index);
  return null;
}

function smallest(ids: readonly string[]): string {
  return ids.reduce((least, id) => (id < least ? id : least));
}
