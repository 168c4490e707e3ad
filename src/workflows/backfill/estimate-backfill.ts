import { proxyActivities, setCurrentDetails, setHandler } from '@temporalio/workflow';
import type { ApiActivities } from '../../activities/api-activities.js';
import type { DayProbe } from '../../domain/days/probe-days.js';
import { estimateDetails, estimateProgressQuery, type EstimateProgress } from './backfill-progress.js';
import { handOver } from '../hand-over.js';
import { pageActivityOptions, PRIORITY } from '../policies.js';
import { untilAnswered } from '../until-answered.js';
import type { Wait } from '../progress.js';

export interface EstimateBackfillInput {
  readonly account: string;
  /** Days to probe (YYYY-MM-DD), with at least one request each. */
  readonly days: readonly string[];
  /** Requests after which this run hands over to the next one. */
  readonly maxRequestsPerRun?: number;
  /** Handed from one run to the next when the workflow continues as new. */
  readonly carried?: { readonly probes: readonly DayProbe[]; readonly limit: number | null };
}

/** Asks for one page of each day, one after the other, and returns what the pages contain. Writes nothing. */
export async function estimateBackfill(input: EstimateBackfillInput): Promise<readonly DayProbe[]> {
  const { account, days, maxRequestsPerRun = Infinity, carried = { probes: [], limit: null } } = input;
  const { probeDay } = proxyActivities<ApiActivities>(pageActivityOptions({ account, priorityKey: PRIORITY.probe }));
  let { probes, limit } = carried;
  let requests = 0;
  let progress: EstimateProgress = { account, probes, days: days.length, waiting: null };
  setHandler(estimateProgressQuery, () => progress);
  const show = (waiting: Wait | null): void => {
    progress = { account, probes, days: days.length, waiting };
    setCurrentDetails(estimateDetails(progress));
  };

  for (const day of days.slice(probes.length)) {
    const probed = await untilAnswered({
      call: async (precedingWaits) => {
        requests += 1;
        const request = { account, day, limit, precedingWaits };
        const result = await probeDay.executeWithOptions({ summary: `day ${day}` }, [request]);
        if (result.outcome === 'shrink') limit = result.limit;
        return result;
      },
      show,
      isOver: () => requests >= maxRequestsPerRun,
    });
    if (probed === null) return handOver<typeof estimateBackfill>({ ...input, carried: { probes, limit } });
    probes = [...probes, probed.probe];
  }
  show(null);
  return probes;
}
