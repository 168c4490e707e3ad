import { mayBeGoingOn } from '../call.js';
import { isCompletedStatus } from './credira-call.js';

const DAY_MS = 86_400_000;

/** Part of the time since an invoice last changed that passes before it is asked about again. */
const SHARE_OF_AGE = 1 / 4;
const LONGEST_PAUSE_MS = 7 * DAY_MS;
const SHORTEST_UNKNOWN_PAUSE_MS = DAY_MS;
const LONGEST_UNKNOWN_PAUSE_MS = 30 * DAY_MS;

/** Number of lists in a row with another number of calls than they state that make an invoice incomplete. */
const MISMATCHES_OF_INCOMPLETE = 3;

interface CallOfInvoice {
  /** The call's status. Credira's documentation does not list the statuses. */
  readonly result: string | null;
  readonly startedAt: Date | null;
  /** Instant at which the call was first seen. */
  readonly createdAt: Date;
}

/** True if a call may still change: it is not completed, and not older than thirty days. */
export function isUnfinished({ result, ...call }: CallOfInvoice, now: Date): boolean {
  return !isCompletedStatus(result) && mayBeGoingOn(call, now);
}

/** Comparison of a list with the number of calls that it states. */
export interface TotalCheck {
  /** Number of lists in a row that had another number of calls than they stated. */
  readonly mismatches: number;
  /** True if this list is one of them. */
  readonly differs: boolean;
  readonly isIncomplete: boolean;
}

/**
 * Compares a list with the number of calls that it states. A list without a number neither counts nor ends the row; nor
 * does one that is cut off, unless its number differs.
 */
export function checkTotal({
  before,
  stated,
  received,
  isWhole,
}: {
  /** Mismatches in a row before this list. */
  before: number;
  stated: number | null;
  received: number;
  isWhole: boolean;
}): TotalCheck {
  const differs = stated !== null && stated !== received;
  const saysNothing = stated === null || !isWhole;
  const mismatches = differs ? before + 1 : saysNothing ? before : 0;
  return { mismatches, differs, isIncomplete: mismatches >= MISMATCHES_OF_INCOMPLETE };
}

/**
 * Returns when to ask about an invoice again: at the next poll while one of its calls is unfinished, else the later the
 * longer nothing new was found.
 */
export function nextInvoicePoll({
  now,
  hasUnfinished,
  changedAt,
  pollIntervalMs,
}: {
  now: Date;
  hasUnfinished: boolean;
  changedAt: Date;
  pollIntervalMs: number;
}): Date {
  const pauseMs = hasUnfinished ? 0 : Math.min(LONGEST_PAUSE_MS, ageOf(changedAt, now) * SHARE_OF_AGE);
  return after(now, Math.max(pollIntervalMs, pauseMs));
}

/** Returns when to ask again, rarely, about an invoice that the source does not know or whose id it refuses. */
export function nextUnknownPoll({ now, unknownSince }: { now: Date; unknownSince: Date }): Date {
  const pauseMs = Math.max(SHORTEST_UNKNOWN_PAUSE_MS, ageOf(unknownSince, now));
  return after(now, Math.min(LONGEST_UNKNOWN_PAUSE_MS, pauseMs));
}

function ageOf(instant: Date, now: Date): number {
  return Math.max(0, now.getTime() - instant.getTime());
}

function after(now: Date, pauseMs: number): Date {
  return new Date(now.getTime() + Math.round(pauseMs));
}
