import type { Document } from 'mongodb';
import {
  CLEAN_MS,
  climbedRate,
  loweredRate,
  type RateRefusal,
  refusalAfter,
  refusedRate,
  spanBefore,
} from './learnt-rate.js';

/** An instant earlier than any hold. */
export const EPOCH = new Date(0);

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
  /** The last refusal that lowered the rate; null if there was none. Older versions stored none. */
  readonly refusal: RateRefusal | null;
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
  /** Time of the refusal; now by default. */
  readonly at?: Date;
  /** The answers of this process before the refusal; none by default. */
  readonly answers?: ProcessAnswers;
}

/** The answers that a worker process got before a refusal. */
interface ProcessAnswers {
  /** Name of the process. */
  readonly by: string;
  /** Returns the number of requests that were answered in the `spanMs` before it. */
  readonly answeredIn: (spanMs: number) => number;
}

const NO_ANSWERS: ProcessAnswers = { by: '', answeredIn: () => 0 };

/** Returns the changes that a hold makes: it extends the hold if it ends later. The rate stays. */
export function holding({ until, reason }: Pick<NewHold, 'until' | 'reason'>): Document {
  const isLonger = { $gt: [until, { $ifNull: ['$holdUntil', EPOCH] }] };
  return {
    holdUntil: { $max: ['$holdUntil', until] },
    rate: { $ifNull: ['$rate', null] },
    epoch: { $ifNull: ['$epoch', 0] },
    reason: { $cond: [isLonger, { $literal: reason }, '$reason'] },
  };
}

/** The fields that make up an account's rate, as they are stored. */
export interface RateFields extends Pick<Hold, 'rate' | 'epoch' | 'refusal'> {
  readonly holdUntil: Date;
  /** Time of the rate's last climb; null if there was none since the last refusal. */
  readonly climbedAt: Date | null;
}

/** Returns the changes of a refusal: it lowers the rate and begins the next epoch. Null if another one has done so. */
export function lowering(hold: NewHold): (stored: RateFields) => Partial<RateFields> | null {
  const { epoch, ceiling, at = new Date(), answers = NO_ANSWERS } = hold;
  return (stored) => {
    if (stored.epoch !== epoch) return null;
    const rate = effectiveRate({ rate: stored.rate, ceiling });
    const refusal = refusalAfter(stored.refusal, {
      at,
      rate,
      answered: answers.answeredIn(spanBefore(rate)),
      by: answers.by,
    });
    return { rate: loweredRate(refusal, ceiling), epoch: epoch + 1, refusal, climbedAt: null };
  };
}

export interface MoreAnswers {
  readonly epoch: number;
  readonly answered: number;
  readonly ceiling: number;
}

/** Returns the changes if another process got answers before the refusal too; null if the rate has changed since. */
export function raisingBy({
  epoch,
  answered,
  ceiling,
}: MoreAnswers): (stored: RateFields) => Partial<RateFields> | null {
  return ({ epoch: storedEpoch, refusal: stored, climbedAt }) => {
    if (storedEpoch !== epoch || stored === null || climbedAt !== null) return null;
    const refusal = { ...stored, answered: stored.answered + answered };
    return { rate: loweredRate(refusal, ceiling), refusal };
  };
}

/** Returns the changes that raise the rate; null if there was a hold or another climb within the last minute. */
export function climbing({
  ceiling,
  now,
}: {
  ceiling: number;
  now: Date;
}): (stored: RateFields) => Partial<RateFields> | null {
  return ({ rate, refusal, holdUntil, climbedAt }) => {
    const since = Math.max(holdUntil.getTime(), climbedAt?.getTime() ?? 0);
    if (rate === null || since > now.getTime() - CLEAN_MS) return null;
    return { rate: climbedRate({ rate, refusal, ceiling }), climbedAt: now };
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

/** Limits of an account in requests per second: the current one, that of the settings, and the 429 behind the first. */
export interface ShownRate {
  readonly current: number;
  readonly ceiling: number;
  /** The last 429 that lowered the rate; null if the rate is that of the settings. */
  readonly refusal: {
    readonly at: Date;
    /** Requests per second that the source refused; null if too few were answered before to know. */
    readonly refusedRate: number | null;
  } | null;
}

export function shownRate(hold: Hold | null, ceiling: number): ShownRate {
  const { rate = null, refusal = null } = hold ?? {};
  const current = effectiveRate({ rate, ceiling });
  if (refusal === null || current === ceiling) return { current, ceiling, refusal: null };
  return { current, ceiling, refusal: { at: refusal.at, refusedRate: refusedRate(refusal) } };
}
