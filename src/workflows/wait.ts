/** A source that is to be left alone for a while. */
export interface Wait {
  /** ISO instant. */
  readonly until: string;
  readonly reason: string;
}

/** One line, as "waiting until 10:42 UTC (429 from the API of invoca)". */
export function waitLine({ until, reason }: Wait): string {
  return `waiting until ${until.slice(11, 16)} UTC (${reason})`;
}
