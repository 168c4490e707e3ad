import { daysBetween, type Days } from '../domain/days/days.js';
import type { Figures, TotalsBy, TotalsRow } from '../domain/totals/totals.js';
import { hasIntake } from '../settings/select-account.js';
import type { Account } from '../settings/settings.js';
import type { Store } from '../store/store.js';

export interface Totals extends Days {
  readonly account: string;
  /** IANA zone of the days. */
  readonly timeZone: string;
  readonly by: TotalsBy;
  readonly rows: readonly TotalsRow[];
  /** The figures of all calls, each counted once. */
  readonly total: Figures;
}

interface Asked {
  readonly store: Store;
  readonly account: Account;
  readonly days: Days;
  readonly timeZone: string;
  readonly by: TotalsBy;
}

/** Adds up the calls that started on the days, and those without a known start. */
export async function totalsOf({ store, account, days, timeZone, by }: Asked): Promise<Totals> {
  const { rows, total } = await store.calls.totals({ account: account.name, days, timeZone, by });
  return { account: account.name, timeZone, from: days.from, to: days.to, by, rows, total };
}

/** Counts the days that may lack calls; null if the account's source has no days to be complete. */
export async function countIncompleteDays({
  store,
  account,
  days,
  timeZone,
}: Omit<Asked, 'by'>): Promise<number | null> {
  if (!hasIntake(account, 'feed')) return null;
  const complete = await store.coverage.completeDays({ account: account.name, days, timeZone });
  return daysBetween(days.from, days.to) - complete.length;
}
