/** Days that are counted one by one. The few calls outside this span are counted together, before and after it. */
const FIRST_YEAR = 2000;
const LAST_YEAR = 2099;
const DAY_MS = 24 * 3_600_000;

/** Calls that are counted together: a UTC day of their start (`2024-11-03`), the days outside the span, or no start. */
export type Bucket = string;

/** Buckets that are no day. */
export const OTHER_BUCKETS: readonly Bucket[] = ['none', 'before', 'after'];

/** Time from `from` to before `to`. */
export interface Span {
  readonly from: Date;
  readonly to: Date;
}

/** Returns the bucket of the calls that started at this instant. Calls stored by another program may lack a start. */
export function bucketOf(startedAt: Date | null | undefined): Bucket {
  if (startedAt == null) return 'none';
  const year = startedAt.getUTCFullYear();
  if (year < FIRST_YEAR) return 'before';
  return year <= LAST_YEAR ? startedAt.toISOString().slice(0, 10) : 'after';
}

/** Returns a filter of the starts of a bucket's calls. */
export function startsOf(bucket: Bucket): object | null {
  switch (bucket) {
    case 'none':
      return null;
    case 'before':
      return { $lt: new Date(Date.UTC(FIRST_YEAR)) };
    case 'after':
      return { $gte: new Date(Date.UTC(LAST_YEAR + 1)) };
    default: {
      const from = new Date(`${bucket}T00:00:00Z`);
      return { $gte: from, $lt: new Date(from.getTime() + DAY_MS) };
    }
  }
}

/** Returns the months of the span, oldest first; each year after the next is one piece, because it is mostly empty. */
export function piecesOfSpan(now: Date): Span[] {
  const lastByMonth = now.getUTCFullYear() + 1;
  const years = Array.from({ length: LAST_YEAR - FIRST_YEAR + 1 }, (_, index) => FIRST_YEAR + index);
  return years.flatMap((year) => {
    const monthsEach = year > lastByMonth ? 12 : 1;
    return Array.from({ length: 12 / monthsEach }, (_, index) => ({
      from: new Date(Date.UTC(year, index * monthsEach)),
      to: new Date(Date.UTC(year, (index + 1) * monthsEach)),
    }));
  });
}

/** Returns the days of a span of whole days. */
export function bucketsOf({ from, to }: Span): Bucket[] {
  const days = Math.round((to.getTime() - from.getTime()) / DAY_MS);
  return Array.from({ length: days }, (_, index) => bucketOf(new Date(from.getTime() + index * DAY_MS)));
}

/** Returns the days whose pending transcripts change without a change of the call: the last three, and tomorrow's. */
export function freshBuckets(now: Date): Bucket[] {
  return [-2, -1, 0, 1].map((days) => bucketOf(new Date(now.getTime() + days * DAY_MS)));
}
