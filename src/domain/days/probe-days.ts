/** The most days to probe, with one request each: one for each weekday, because calls follow the week. */
const MOST_PROBES = 7;

/** Facts about a day, taken from the first page of its rows. */
export interface DayProbe {
  readonly day: string;
  /** Rows asked for. */
  readonly limit: number;
  /** Rows on the page. */
  readonly rows: number;
  /** Calls on the page. */
  readonly calls: number;
  /** Calls whose transcript a backfill would look for: not stored yet, and within the account's policy. */
  readonly transcripts: number;
  /** Part of the day that the page covers, above 0; 1 if it holds the whole day. */
  readonly share: number;
  /** Milliseconds until the source answered. */
  readonly requestMs: number;
}

/**
 * Chooses the days to probe, in order: all of up to seven, else seven that are evenly spread and, if the days allow it,
 * on seven different weekdays.
 */
export function daysToProbe(days: readonly string[]): string[] {
  const count = Math.min(MOST_PROBES, days.length);
  const chosen: string[] = [];
  for (let index = 0; index < count; index += 1) {
    const from = Math.floor((index * days.length) / count);
    const to = Math.floor(((index + 1) * days.length) / count);
    const stretch = fromTheMiddle(days.slice(from, to));
    const weekdays = new Set(chosen.map(weekdayOf));
    const day = stretch.find((candidate) => !weekdays.has(weekdayOf(candidate))) ?? stretch[0];
    if (day !== undefined) chosen.push(day);
  }
  return chosen;
}

/** Returns the same days ordered by distance from the middle one. */
function fromTheMiddle(days: readonly string[]): string[] {
  const middle = Math.floor(days.length / 2);
  return days
    .map((day, index) => ({ day, distance: Math.abs(index - middle) }))
    .sort((a, b) => a.distance - b.distance)
    .map(({ day }) => day);
}

function weekdayOf(day: string): number {
  return new Date(`${day}T00:00:00Z`).getUTCDay();
}
