import type { Document } from 'mongodb';

/** Earlier than any hold. */
export const EPOCH = new Date(0);

/** One request in a minute and forty seconds: slower than that an account would be as good as off. */
const LOWEST_RATE = 0.01;
const STEPS_TO_CEILING = 10;
const CLEAN_MS = 60_000;

export interface NewHold {
  readonly until: Date;
  readonly reason: string;
  /** The account's epoch when the request was made that was refused; 0 where it had no hold yet. */
  readonly epoch: number;
  /** Requests per second of the account's settings. */
  readonly ceiling: number;
}

/** What a hold changes: the first of an epoch halves the rate and begins the next epoch, any extends the hold. */
export function holding({ until, reason, epoch, ceiling }: NewHold): Document {
  const isFirst = { $eq: [{ $ifNull: ['$epoch', 0] }, epoch] };
  const isLonger = { $gt: [until, { $ifNull: ['$holdUntil', EPOCH] }] };
  const half = { $max: [LOWEST_RATE, { $divide: [rateUpTo(ceiling), 2] }] };
  return {
    holdUntil: { $max: ['$holdUntil', until] },
    rate: { $cond: [isFirst, half, { $ifNull: ['$rate', null] }] },
    epoch: { $cond: [isFirst, epoch + 1, '$epoch'] },
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

/** A rate from before the setting was lowered counts no more. */
function rateUpTo(ceiling: number): Document {
  return { $min: ['$rate', ceiling] };
}
