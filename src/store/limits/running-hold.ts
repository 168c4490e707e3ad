import type { Hold } from './limits.js';

/** A hold that is not over: no request starts before `until`. */
export interface RunningHold {
  readonly until: Date;
  readonly reason: string;
}

/** The account's hold; null once it is over. */
export function runningHold(hold: Hold | null, now: Date): RunningHold | null {
  return hold === null || hold.holdUntil <= now ? null : { until: hold.holdUntil, reason: hold.reason };
}

/** Requests per second as they are limited now. A rate from before the setting was lowered counts no more. */
export function effectiveRate({ rate, ceiling }: { rate: number | null | undefined; ceiling: number }): number {
  return Math.min(rate ?? ceiling, ceiling);
}
