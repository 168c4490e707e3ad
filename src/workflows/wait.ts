import { shownTime } from '../domain/shown-times.js';

/** A source that is to be left alone for a while. */
export interface Wait {
  /** ISO instant. */
  readonly until: string;
  readonly reason: string;
}

/** One line, as "waiting until 10:42 UTC (429 from the API of invoca)". */
export function waitLine(wait: Wait, now = new Date()): string {
  return `waiting ${untilLine(wait, now)}`;
}

/** As "until 10:42 UTC (429 from the API of invoca)". */
export function untilLine({ until, reason }: Wait, now: Date): string {
  return `until ${shownTime(new Date(until), now)} (${reason})`;
}
