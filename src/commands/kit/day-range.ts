import { count } from '../../domain/count.js';
import { daysBetween, isDay, type Days } from '../../domain/days/days.js';
import { dayOf } from '../../domain/days/zoned-days.js';
import { UsageError } from '../../settings/errors.js';
import { confirm } from './confirm.js';

/** Above this many days a person is asked first: a mistyped year is easily some thousand requests. */
const MOST_DAYS_UNASKED = 3 * 366;

/** As the command line says them. */
interface DaysWords {
  readonly from: string;
  readonly to: string;
  readonly now: Date;
  /** Zone of the days. */
  readonly timeZone: string;
}

interface ManyDays {
  readonly days: Days;
  /** What comes of them, at least. */
  readonly requests: number;
  /** Whether `--yes` was said. */
  readonly isConfirmed: boolean;
}

/** @throws UsageError where the account has no zone, which is what tells the days of its API from each other */
export function requireTimeZone({ name, timeZone }: { name: string; timeZone: string | null }): string {
  if (timeZone !== null) return timeZone;
  throw new UsageError(
    `which zone are the days of? Set INVOCA_TIME_ZONE (timeZone in callweave.yaml) for the account ${name} to the zone of ` +
      'its token, such as America/Los_Angeles',
  );
}

/** The days of `--from` and `--to`, none of them later than today in the zone; a UsageError where that cannot be. */
export function readDays({ from, to, now, timeZone }: DaysWords): Days {
  requireDay('--from', from);
  requireDay('--to', to);
  if (from > to) throw new UsageError(`--from ${from} is after --to ${to}: the range begins with --from`);
  const today = dayOf(now, timeZone);
  if (to > today)
    throw new UsageError(`--to ${to} is in the future: the last day that has begun in ${timeZone} is ${today}`);
  return { from, to };
}

/**
 * Whether to go on with a range of more than three years: as a person at the terminal says. Shorter ones need no
 * question.
 * @throws UsageError where nobody can be asked and `--yes` was not said
 */
export async function confirmManyDays({ days, requests, isConfirmed }: ManyDays): Promise<boolean> {
  const dayCount = daysBetween(days.from, days.to);
  if (dayCount <= MOST_DAYS_UNASKED || isConfirmed) return true;
  const scale = `${days.from} to ${days.to} are ${count(dayCount)} days, at least ${count(requests, 'request')}`;
  return confirm({ what: scale, isConfirmed });
}

function requireDay(option: string, text: string): void {
  if (!isDay(text)) throw new UsageError(`${option} ${text} is no day: it must exist and be written YYYY-MM-DD`);
}
