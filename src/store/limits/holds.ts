import type { Document } from 'mongodb';

/** An instant earlier than any hold. */
export const EPOCH = new Date(0);

/** Requests per second, one in 100 seconds: at an even lower rate an account would be as good as off. */
const LOWEST_RATE = 0.01;
const STEPS_TO_CEILING = 10;
const CLEAN_MS = 60_000;

/** The last hold that an account's source asked for, and the rate of requests since. */
export interface Hold {
  /** No request starts before this instant. It may have passed. */
  readonly holdUntil: Date;
  /** Requests per second; null if the rate of the settings applies. */
  readonly rate: number | null;
  /** Number of holds that lowered the rate. A request sent before the last of them cannot lower it again. */
  readonly epoch: number;
  /** Reason of the hold, in words for an operator. */
  readonly reason: string;
}

export interface NewHold {
  readonly until: Date;
  readonly reason: string;
  /** The account's epoch when the refused request was sent; 0 if it had no hold yet. */
  readonly epoch: number;
  /** True to lower the rate, which is the default. */
  readonly slowsDown?: boolean;
  /** Requests per second of the account's settings. */
  readonly ceiling: number;
}

/**
 * Returns the changes that a hold makes: it extends the hold if it ends later. The first hold of an epoch that slows
 * down also halves the rate and begins the next epoch.
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

/** Returns the changes that raise the rate, unless there was a hold or another climb within the last minute. */
export function climbing({ ceiling, now }: { ceiling: number; now: Date }): Document {
  const climbed = { $add: ['$rate', ceiling / STEPS_TO_CEILING] };
  // Adding up tenths may end a little below the ceiling.
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

/** Returns the account's hold; null if it is over. */
export function runningHold(hold: Hold | null, now: Date): RunningHold | null {
  return hold === null || hold.holdUntil <= now ? null : { until: hold.holdUntil, reason: hold.reason };
}

/** Returns the requests per second that are allowed now: the stored rate, but no more than the settings allow. */
export function effectiveRate({ rate, ceiling }: { rate: number | null | undefined; ceiling: number }): number {
  return Math.min(rate ?? ceiling, ceiling);
}
