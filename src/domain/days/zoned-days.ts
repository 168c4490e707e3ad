import { DateTime } from 'luxon';
import { addDays } from './days.js';

/**
 * The first instant of the day in an IANA zone: where its midnight is left out, the first instant after it; where it
 * comes twice, the first of the two.
 */
export function dayStart(day: string, zone: string): Date {
  const midnight = DateTime.fromISO(day, { zone });
  if (!midnight.isValid)
    throw new RangeError(`Finding the start of ${day} in the zone ${zone}: one of them does not exist.`);
  return new Date(Math.min(...midnight.getPossibleOffsets().map((possible) => possible.toMillis())));
}

/** The first instant after the day: the start of the next one. 23 to 25 hours after its own start, mostly 24. */
export function dayEnd(day: string, zone: string): Date {
  return dayStart(addDays(day, 1), zone);
}

/** The day an instant is part of in an IANA zone. */
export function dayOf(instant: Date, zone: string): string {
  const day = DateTime.fromJSDate(instant, { zone }).toISODate();
  if (day === null) throw new RangeError(`Finding a day in the zone ${zone}: the zone or the instant does not exist.`);
  return day;
}
