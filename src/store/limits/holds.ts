import type { Document } from 'mongodb';

/** Earlier than any hold. */
export const EPOCH = new Date(0);

/** One request in a minute and forty seconds: slower than that an account would be as good as off. */
const LOWEST_RATE = 0.01;
const STEPS_TO_CEILING = 10;
const CLEAN_MS = 60_000;

/** What an account's source has asked for. */
export interface Hold {
  /** No request starts before this instant. It may have passed. */
  readonly holdUntil: Date;
  /** Requests per second, null where the setting holds. */
  readonly rate: number | null;
  /** Counts holds: one that is asked for by an answer to a request from before the last began only extends that. */
  readonly epoch: number;
  /** Why, in words for an operator. */
  readonly reason: string;
}

export interface NewHold {
  readonly until: Date;
  readonly reason: string;
  /** The account's epoch when the request was made that was refused; 0 where it had no hold yet. */
  readonly epoch: number;
  /** Whether fewer requests a second are to be made afterwards; they are where it is left out. */
  readonly slowsDown?: boolean;
  /** Requests per second of the account's settings. */
  readonly ceiling: number;
}

/**
 * What a hold changes: any extends the hold, and the first of an epoch that is to slow down halves the rate and
 * begins the next epoch.
 */
export function holding({ until, reason, epoch, slowsDown = true, ceiling }: NewHold): Document {
  const isFirst = { $and: [slowsDown, { $eq: [{ $ifNull: ['$epoch', 0] }, epoch] }] };
  const isLonger = { $gt: [until, { $ifNull: ['$holdUntil', EPOCH] }] };
  const half = { $max: [LOWEST_RATE, { $divide: [{ $min: ['$rate', ceiling] }, 2] }] };
  return {
    holdUntil: { $max: ['$holdUntil', until] },
    rate: { $cond: [isFirst, half, { $ifNull: ['$rate', null] }] },
    epoch: { $cond: [isFirst, epoch + 1, { $ifNull: ['$epoch', 0] }] },
    reason: { $cond: [isLonger, { $literal: reason }, '$reason'] },
  };
}

/** What a minute without a hold and without another climb changes. */
export function climbing({ ceiling, now }: { ceiling: number; now: Date }): Document {
  const climbed = { $add: ['$rate', ceiling / STEPS_TO_CEILING] };
  // Adding up tenths may end a little below the whole.
  const next = { $cond: [{ $gte: [climbed, 0.999 * ceiling] }, null, climbed] };
  const isClean = { $lte: [{ $max: ['$holdUntil', '$climbedAt'] }, new Date(now.getTime() - CLEAN_MS)] };
  const isDue = { $and: [{ $gt: ['$rate', null] }, isClean] };
  return {
    rate: { $cond: [isDue, next, '$rate'] },
    climbedAt: { $cond: [isDue, now, { $ifNull: ['$climbedAt', null] }] },
  };
}

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
