import { addDays } from '../domain/days/days.js';
import type { DayCoverage } from '../store/feed/coverage.js';

/** Days in a row that are not complete, for the same reason. */
export interface Gap {
  readonly from: string;
  readonly to: string;
  readonly state: DayCoverage['state'];
  readonly calls: number;
}

/** Lists the days that are not complete. Today is a separate gap: no backfill can complete it before it is over. */
export function gapsOf(days: readonly DayCoverage[], today: string): Gap[] {
  const gaps: Gap[] = [];
  for (const { day, state, calls } of days) {
    const before = gaps.at(-1);
    if (state === 'complete') continue;
    if (before?.state === state && addDays(before.to, 1) === day && day !== today) {
      gaps[gaps.length - 1] = { ...before, to: day, calls: before.calls + calls };
    } else {
      gaps.push({ from: day, to: day, state, calls });
    }
  }
  return gaps;
}
