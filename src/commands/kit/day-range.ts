import { count } from '../../domain/count.js';
import { daysBetween, isDay, type Days } from '../../domain/days/days.js';
import { dayOf } from '../../domain/days/zoned-days.js';
import { UsageError } from '../../settings/errors.js';
import { confirm } from './confirm.js';

/** Most days without a question: a mistyped year can mean thousands of requests. */
const MOST_DAYS_UNASKED = 3 * 366;

/** Days as text of the command line. */
interface DaysWords {
  readonly from: string | undefined;
  readonly to: string | undefined;
  readonly now: Date;
  /** Time zone of the days. */
  readonly timeZone: string;
}

interface ManyDays {
  readonly days: Days;
  /** Least number of requests that the days need. */
  readonly requests: number;
  /** True if `--yes` was given. */
  readonly isConfirmed: boolean;
}

/**
 * Returns the account's time zone, which defines its days.
 * @throws UsageError if the account has none
 */
export function requireTimeZone({ name, timeZone }: { name: string; timeZone: string | null }): string {
  if (timeZone !== null) return timeZone;
  throw new UsageError(
    `the days have no time zone: set INVOCA_TIME_ZONE (timeZone in callweave.yaml) of the account ${name} to the zone of ` +
      'its token, such as America/Los_Angeles',
  );
}

/**
 * Reads the days of `--from` and `--to`.
 * @throws UsageError if one is missing, is not a day or later than today in the zone, or they are in the wrong order
 */
export function readDays({ from, to, now, timeZone }: DaysWords): Days {
  if (from === undefined || to === undefined) throw new UsageError('which days? Give --from and --to');
  requireDay('--from', from);
  requireDay('--to', to);
  if (from > to) throw new UsageError(`--from ${from} is after --to ${to}: give the first day as --from`);
  const today = dayOf(now, timeZone);
  if (to > today)
    throw new UsageError(`--to ${to} is in the future: the last day that has begun in ${timeZone} is ${today}`);
  return { from, to };
}

/**
 * Asks whether to continue if the range is longer than three years; true without a question if it is shorter.
 * @throws UsageError if there is no terminal and `--yes` was not given
 */
export async function confirmManyDays({ days, requests, isConfirmed }: ManyDays): Promise<boolean> {
  const dayCount = daysBetween(days.from, days.to);
  if (dayCount <= MOST_DAYS_UNASKED || isConfirmed) return true;
  const scale = `${days.from} to ${days.to} are ${count(dayCount)} days, at least ${count(requests, 'request')}`;
  return confirm({ what: scale, isConfirmed });
}

function requireDay(option: string, text: string): void {
  if (!isDay(text)) throw new UsageError(`${option} ${text} is not a day: it must exist and be written YYYY-MM-DD`);
}
