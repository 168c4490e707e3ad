import { DateTime } from 'luxon';
import { addDays } from './days.js';

/**
 * Returns the first instant of the day in an IANA zone: the first one after midnight if the clock skips midnight, the
 * earlier of the two if it shows midnight twice.
 */
export function dayStart(day: string, zone: string): Date {
  const midnight = DateTime.fromISO(day, { zone });
  if (!midnight.isValid)
    throw new RangeError(`Finding the start of ${day} in the zone ${zone}: one of them does not exist.`);
  return new Date(Math.min(...midnight.getPossibleOffsets().map((possible) => possible.toMillis())));
}

/** Returns the start of the next day, mostly 24 hours after the start of this one (23 to 25). */
export function dayEnd(day: string, zone: string): Date {
  return dayStart(addDays(day, 1), zone);
}

/** Returns the day of an instant in an IANA zone. */
export function dayOf(instant: Date, zone: string): string {
  const day = DateTime.fromJSDate(instant, { zone }).toISODate();
  if (day === null) throw new RangeError(`Finding a day in the zone ${zone}: the zone or the instant does not exist.`);
  return day;
}
