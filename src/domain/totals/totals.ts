import type { DecimalText } from '../call.js';
import { daysOf, type Days } from '../days/days.js';
import { signalKey } from '../invoca/signals.js';
import { sumOf } from '../money/money.js';
import { compareText } from '../order.js';

/** The ways to group calls. */
export const TOTALS_BY = ['day', 'month', 'campaign', 'result', 'signal'] as const;
export type TotalsBy = (typeof TOTALS_BY)[number];

/** The figures of some calls, as docs/totals.md defines them. */
export interface Figures {
  readonly calls: number;
  readonly callTransactions: number;
  readonly durationSeconds: number;
  readonly connectSeconds: number;
  /** `"0"` if no call states one; null if the sum is larger than Decimal128 can hold. */
  readonly revenue: DecimalText | null;
  readonly transcripts: number;
}

/** The figures of the calls with one key: a day, a month or a name; null if the calls have none. */
export interface TotalsRow extends Figures {
  readonly key: string | null;
}

/** The figures of the calls with one stored spelling of a key. */
export interface CountedGroup extends Figures {
  readonly key: string | null;
  /** Start of the call that started last; null if no start is known. */
  readonly newestStart: Date | null;
}

/** True if the keys are stretches of time, which have an order of their own. */
export function isByTime(by: TotalsBy): by is 'day' | 'month' {
  return by === 'day' || by === 'month';
}

/** Lists the keys that a range of days can have, oldest first: its days, or the months they are in. */
export function periodsOf(days: Days, by: 'day' | 'month'): string[] {
  const all = daysOf(days);
  return by === 'day' ? all : [...new Set(all.map((day) => day.slice(0, 7)))];
}

/**
 * Joins the spellings of each key, and sorts the rows: stretches of time ascending, names by their calls, most first.
 * Null is last.
 */
export function totalsRows(groups: readonly CountedGroup[], by: TotalsBy): TotalsRow[] {
  const byKey = new Map<string | null, CountedGroup[]>();
  for (const group of groups) {
    const key = by === 'signal' && group.key !== null ? signalKey(group.key) : group.key;
    byKey.set(key, [...(byKey.get(key) ?? []), group]);
  }
  const rows = [...byKey.values()].map((spellings) => ({ key: newestSpelling(spellings), ...addFigures(spellings) }));
  return rows.sort((a, b) => {
    if (a.key === null || b.key === null) return Number(a.key === null) - Number(b.key === null);
    return (isByTime(by) ? 0 : b.calls - a.calls) || compareText(a.key, b.key);
  });
}

/** Adds up the figures of calls that are in one of the groups each; all are 0 if there are none. */
export function addFigures(groups: readonly Figures[]): Figures {
  const sum = (figure: Exclude<keyof Figures, 'revenue'>): number =>
    groups.reduce((sofar, group) => sofar + group[figure], 0);
  const amounts = groups.flatMap(({ revenue }) => revenue ?? []);
  return {
    calls: sum('calls'),
    callTransactions: sum('callTransactions'),
    durationSeconds: sum('durationSeconds'),
    connectSeconds: sum('connectSeconds'),
    revenue: amounts.length < groups.length ? null : sumOf(['0', ...amounts]),
    transcripts: sum('transcripts'),
  };
}

/** Returns the spelling of the call that started last; of equally new ones, the first in code-unit order. */
function newestSpelling(spellings: readonly CountedGroup[]): string | null {
  const startMs = ({ newestStart }: CountedGroup): number => newestStart?.getTime() ?? Number.NEGATIVE_INFINITY;
  const [newest] = spellings.toSorted((a, b) => {
    const [left, right] = [startMs(a), startMs(b)];
    return left === right ? compareText(a.key ?? '', b.key ?? '') : right - left;
  });
  return newest?.key ?? null;
}
