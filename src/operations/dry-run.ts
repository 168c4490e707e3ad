import { joinDays, daysBetween, daysOf, type Days } from '../domain/days/days.js';
import { estimateOf, type BackfillEstimate } from '../domain/days/estimate.js';
import { daysToProbe, type DayProbe } from '../domain/days/probe-days.js';
import type { InvocaAccount } from '../settings/settings.js';
import { effectiveRate } from '../store/limits/holds.js';
import type { Store } from '../store/store.js';
import { planAt } from '../workflows/backfill/backfill-place.js';
import type { BackfillOptions } from '../workflows/backfill/backfill-progress.js';

interface Amounts {
  readonly total: number;
  readonly complete: number;
  readonly toRead: number;
}

/** The part of a dry run that is known before the source is asked. */
interface DryRunPlan {
  readonly options: BackfillOptions;
  readonly windows: Amounts;
  readonly days: Amounts;
  readonly requestsPerSecond: number;
}

/** The windows and days that a backfill would read, and an estimate of requests and time. */
export interface DryRun extends DryRunPlan, BackfillEstimate {
  readonly probes: readonly DayProbe[];
}

/** A plan, the windows it would read, and the days to probe for its estimate; none if there is nothing to read. */
interface PlannedDryRun {
  readonly plan: DryRunPlan;
  readonly windows: readonly Days[];
  readonly daysToProbe: readonly string[];
}

/** Plans a backfill from stored facts, without starting it or writing anything. */
export async function planDryRun(input: {
  store: Pick<Store, 'coverage' | 'limits'>;
  feed: InvocaAccount;
  timeZone: string;
  options: BackfillOptions;
}): Promise<PlannedDryRun> {
  const { store, feed, timeZone, options } = input;
  const { account, from, to } = options;
  const completeDays = await store.coverage.completeDays({ account, days: { from, to }, timeZone });
  const rate = (await store.limits.read(account))?.rate;
  const complete = options.reprocess === 'all' ? [] : completeDays;
  const { windows, total } = planAt({
    options,
    complete: joinDays(complete.map((day) => ({ from: day, to: day }))),
  });
  const daysToRead = windows.flatMap(daysOf);
  return {
    plan: {
      options,
      windows: { total, complete: total - windows.length, toRead: windows.length },
      days: { total: daysBetween(from, to), complete: completeDays.length, toRead: daysToRead.length },
      requestsPerSecond: effectiveRate({ rate, ceiling: feed.requestsPerSecond }),
    },
    windows,
    daysToProbe: daysToProbe(daysToRead.sort()),
  };
}

/** Adds to the plan an estimate from the probed days. */
export function dryRunOf({ plan, windows }: PlannedDryRun, probes: readonly DayProbe[]): DryRun {
  const { options, requestsPerSecond } = plan;
  const { parallel } = options;
  const withTranscripts = options.transcripts === 'all';
  return { ...plan, ...estimateOf({ windows, probes, parallel, requestsPerSecond, withTranscripts }), probes };
}
