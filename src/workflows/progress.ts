import type { QueryDefinition } from '@temporalio/common';
import type { WaitResult } from '../activities/requests/account-hold.js';
import { shownTime } from '../domain/shown-times.js';

/** Time during which no request may be sent to a source: ends at the ISO instant `until`, for a reason. */
export type Wait = Pick<WaitResult, 'until' | 'reason'>;

/** Returns one line, as "waiting until 10:42 UTC (429 from the API of invoca)". */
export function waitLine(wait: Wait, now = new Date()): string {
  return `waiting ${untilLine(wait, now)}`;
}

/** Returns "until 10:42 UTC (429 from the API of invoca)". */
export function untilLine({ until, reason }: Wait, now: Date): string {
  return `until ${shownTime(new Date(until), now)} (${reason})`;
}

/** Defines the query that every long-running workflow answers. Clients use it too, so without `defineQuery`. */
export function progressQuery<Progress>(): QueryDefinition<Progress> {
  return { type: 'query', name: 'progress' } as QueryDefinition<Progress>;
}
