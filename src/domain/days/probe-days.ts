/** Days asked about at most, one request each: one of each weekday, because calls follow the week. */
const MOST_PROBES = 7;

/** What one page of a day's rows tells about the day. */
export interface DayProbe {
  readonly day: string;
  /** Rows asked for. */
  readonly limit: number;
  /** Of the page. */
  readonly rows: number;
  /** Of the page. */
  readonly calls: number;
  /** Those of the calls that a backfill would make pending: not stored yet, and within the account's policy. */
  readonly transcripts: number;
  /** How much of the day the page is, above 0; 1 where it is all of it. */
  readonly share: number;
  /** What the source took to answer. */
  readonly requestMs: number;
}

/**
 * The days to probe of those to be read, in order: all where they are few, else as many as there are weekdays, spread
 * evenly and, where the days allow it, each of another weekday.
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

/** The same days, the middle one first. */
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
