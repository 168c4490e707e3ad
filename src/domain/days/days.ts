/**
 * Days of the calendar, as text `YYYY-MM-DD`, which compare and sort as text. Workflows may use this module, since it
 * needs no zone and no clock; zoned-days.ts turns days into instants.
 */

const MS_PER_DAY = 86_400_000;
const DAY = /^\d{4}-\d{2}-\d{2}$/;

/** An inclusive range of days in the token's zone. */
export interface Days {
  readonly from: string;
  readonly to: string;
}

interface DaysToSplit extends Days {
  /** Number of days in a window; the last window of the range may have fewer. */
  readonly windowDays: number;
  readonly newestFirst?: boolean;
}

/** True if the text is a day of the calendar: not 31 April, and not `2024-5-2`. */
export function isDay(text: string): boolean {
  return DAY.test(text) && isShown(text);
}

/** Returns the day `count` days later, or earlier if `count` is negative. @throws RangeError if `day` is no day */
export function addDays(day: string, count: number): string {
  return new Date(startMs(day) + count * MS_PER_DAY).toISOString().slice(0, 10);
}

/** Counts the days of a range, both ends included; 0 if `from` is after `to`. Throws a RangeError if one is no day. */
export function daysBetween(from: string, to: string): number {
  return Math.max(0, (startMs(to) - startMs(from)) / MS_PER_DAY + 1);
}

/** Lists the days of a range, oldest first. */
export function daysOf({ from, to }: Days): string[] {
  return Array.from({ length: daysBetween(from, to) }, (_, index) => addDays(from, index));
}

/**
 * Cuts a range into windows without gap or overlap, counted from its first day. Either order gives the same windows.
 * @throws RangeError if `windowDays` is no positive integer, or an end of the range is no day
 */
export function splitDays({ from, to, windowDays, newestFirst = false }: DaysToSplit): Days[] {
  if (!Number.isInteger(windowDays) || windowDays < 1) {
    throw new RangeError(
      `Splitting ${from}..${to}: a window has a whole number of days, at least 1, not ${windowDays}.`,
    );
  }
  const windows = Array.from({ length: Math.ceil(daysBetween(from, to) / windowDays) }, (_, index): Days => {
    const first = addDays(from, index * windowDays);
    const last = addDays(first, windowDays - 1);
    return { from: first, to: last < to ? last : to };
  });
  return newestFirst ? windows.reverse() : windows;
}

function isShown(text: string): boolean {
  const midnight = new Date(`${text}T00:00:00Z`);
  return !Number.isNaN(midnight.getTime()) && midnight.toISOString().startsWith(text);
}

/** @throws RangeError for a text that is no day */
function startMs(day: string): number {
  if (!isDay(day))
    throw new RangeError(`${JSON.stringify(day)} is not a day: it must exist and be written YYYY-MM-DD.`);
  return Date.parse(`${day}T00:00:00Z`);
}

/** Joins ranges of days that overlap or touch. Returns as few ranges as cover the same days, the earliest first. */
export function joinDays(ranges: readonly Days[]): Days[] {
  const joined: Days[] = [];
  for (const days of [...ranges].sort((a, b) => (a.from < b.from ? -1 : 1))) {
    const last = joined.at(-1);
    if (last === undefined || days.from > addDays(last.to, 1)) joined.push({ from: days.from, to: days.to });
    else joined[joined.length - 1] = { from: last.from, to: last.to > days.to ? last.to : days.to };
  }
  return joined;
}
