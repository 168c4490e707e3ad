import { addDays, type Days } from '../../domain/days/days.js';
import { dayEnd, dayOf, dayStart } from '../../domain/days/zoned-days.js';
import type { Checkpoint, LiveStart } from './checkpoint-types.js';

/** Checkpoints of an account, which show what of its days was read, and the token's zone. */
export interface Evidence {
  /** Streams that are limited to days. */
  readonly daysStreams: readonly Checkpoint[];
  /** The live stream; null before the first live drain. */
  readonly live: Checkpoint | null;
  readonly timeZone: string;
}

/**
 * True if every call of the day is stored. Either a stream of days that include it asked for its first page after
 * the day had ended, and reached its end. Or the day is after the live start and before the live drain last caught up,
 * and no cursor was moved past any of it.
 */
export function isComplete(day: string, { daysStreams, live, timeZone }: Evidence): boolean {
  const endsAt = dayEnd(day, timeZone);
  const isDrained = daysStreams.some(
    ({ window, firstAskedAt, caughtUpAt }) =>
      hasDay(window, day) && caughtUpAt !== null && firstAskedAt !== null && firstAskedAt >= endsAt,
  );
  if (isDrained) return true;
  if (live?.caughtUpAt == null || live.caughtUpAt < endsAt || !seesDay(live.liveStart, { day, timeZone })) return false;
  const startsAt = dayStart(day, timeZone);
  return !live.gaps.some(({ from, to }) => startsAt <= to && (from === null || endsAt > from));
}

/** True if a stream of days or the live drain has read something of the day, even if not all of it. */
export function isBegun(day: string, { daysStreams, live, timeZone }: Evidence): boolean {
  if (daysStreams.some(({ window, firstAskedAt }) => hasDay(window, day) && firstAskedAt !== null)) return true;
  if (live?.caughtUpAt == null || !seesDay(live.liveStart, { day, timeZone })) return false;
  return dayStart(day, timeZone) < live.caughtUpAt;
}

function hasDay(days: Days | null, day: string): boolean {
  return days !== null && days.from <= day && day <= days.to;
}

function seesDay(start: LiveStart | null, { day, timeZone }: { day: string; timeZone: string }): boolean {
  switch (start?.kind) {
    case 'oldest':
      return true;
    case 'day':
      return day >= start.day;
    case 'id':
      // A call that began before the cursor was written may end after it: a whole day is left between.
      return start.firstCallsAt !== null && day > addDays(dayOf(start.firstCallsAt, timeZone), 1);
    case undefined:
      return false;
  }
}
