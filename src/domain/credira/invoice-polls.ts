import { mayBeGoingOn } from '../call.js';
import { isCompletedStatus } from './credira-call.js';

const DAY_MS = 86_400_000;

/** An invoice that has changed a while ago is asked about again after a part of that while. */
const SHARE_OF_AGE = 1 / 4;
const LONGEST_PAUSE_MS = 7 * DAY_MS;
const SHORTEST_UNKNOWN_PAUSE_MS = DAY_MS;
const LONGEST_UNKNOWN_PAUSE_MS = 30 * DAY_MS;

interface CallOfInvoice {
  /** The status; the list of all of them is not documented. */
  readonly result: string | null;
  readonly startedAt: Date | null;
  /** When the call was first seen. */
  readonly createdAt: Date;
}

/** Whether a call may still change: until it is completed, for thirty days at most, whatever else its status says. */
export function isUnfinished({ result, ...call }: CallOfInvoice, now: Date): boolean {
  return !isCompletedStatus(result) && mayBeGoingOn(call, now);
}

/**
 * When an invoice is asked about again: at the next poll while a call of it is unfinished, else less and less often,
 * the longer ago something new was found.
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

/** When an invoice the source does not know, or whose id it refuses, is asked about again: rarely. */
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
