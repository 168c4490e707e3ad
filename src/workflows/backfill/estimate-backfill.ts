import { proxyActivities, setCurrentDetails, setHandler } from '@temporalio/workflow';
import type { ApiActivities } from '../../activities/api-activities.js';
import type { ProbeDayResult } from '../../activities/days/probe-day-types.js';
import type { DayProbe } from '../../domain/days/probe-days.js';
import { describeEstimate, estimateProgressQuery, type EstimateProgress } from './estimate-progress.js';
import { pageActivityOptions, PRIORITY } from '../policies.js';
import { sleepUntil } from '../sleep-until.js';

export interface EstimateBackfillInput {
  readonly account: string;
  /** A few: each is one request. */
  readonly days: readonly string[];
}

/**
 * Asks for one page of each of the days, one after the other, and writes nothing. What they mean is the caller's to
 * say.
 */
export async function estimateBackfill({ account, days }: EstimateBackfillInput): Promise<readonly DayProbe[]> {
  const { probeDay } = proxyActivities<ApiActivities>(pageActivityOptions({ account, priorityKey: PRIORITY.probe }));
  let progress: EstimateProgress = { account, probes: [], days: days.length, waiting: null };
  const report = (changes: Partial<EstimateProgress>): void => {
    progress = { ...progress, ...changes };
    setCurrentDetails(describeEstimate(progress));
  };
  setHandler(estimateProgressQuery, () => progress);
  report({});

  let limit: number | null = null;
  let precedingWaits = 0;
  while (progress.probes.length < days.length) {
    const day = days[progress.probes.length] ?? '';
    const result: ProbeDayResult = await probeDay.executeWithOptions({ summary: day }, [
      { account, day, limit, precedingWaits },
    ]);
    switch (result.outcome) {
      case 'probed':
        precedingWaits = 0;
        report({ probes: [...progress.probes, result.probe] });
        break;
      case 'shrink':
        limit = result.limit;
        break;
      case 'wait':
        precedingWaits += 1;
        report({ waiting: result });
        await sleepUntil(result);
        report({ waiting: null });
        break;
    }
  }
  return progress.probes;
}
