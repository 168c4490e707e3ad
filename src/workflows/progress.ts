import type { QueryDefinition } from '@temporalio/common';
import type { WaitResult } from '../activities/requests/account-hold.js';
import { shownTime } from '../domain/shown-times.js';

/** A time for which a source is to be left alone: until an ISO instant, for a reason. */
export type Wait = Pick<WaitResult, 'until' | 'reason'>;

/** One line, as "waiting until 10:42 UTC (429 from the API of invoca)". */
export function waitLine(wait: Wait, now = new Date()): string {
  return `waiting ${untilLine(wait, now)}`;
}

/** As "until 10:42 UTC (429 from the API of invoca)". */
export function untilLine({ until, reason }: Wait, now: Date): string {
  return `until ${shownTime(new Date(until), now)} (${reason})`;
}

/** The query every long-running workflow answers with its progress. The client knows it too, hence no `defineQuery`. */
export function progressQuery<Progress>(): QueryDefinition<Progress> {
  return { type: 'query', name: 'progress' } as QueryDefinition<Progress>;
}
