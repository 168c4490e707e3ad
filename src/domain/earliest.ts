type Instants = readonly (Date | null | undefined)[];

/** Returns the earliest of the instants that are known; null if none is. */
export function earliest(instants: Instants): Date | null {
  return instants.reduce<Date | null>((first, at) => (at != null && (first === null || at < first) ? at : first), null);
}

/** Returns the latest of the instants that are known; null if none is. */
export function latest(instants: Instants): Date | null {
  return instants.reduce<Date | null>((last, at) => (at != null && (last === null || at > last) ? at : last), null);
}
