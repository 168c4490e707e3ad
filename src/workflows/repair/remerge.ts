import { proxyActivities, setCurrentDetails, setHandler } from '@temporalio/workflow';
import type { StoreActivities } from '../../activities/store-activities.js';
import type { Days } from '../../domain/days/days.js';
import { handOver, shouldHandOver } from '../hand-over.js';
import { storeBatchActivityOptions } from '../policies.js';
import { remergeDetails, remergeProgressQuery, type RemergeProgress } from './repair-progress.js';

/** Keeps a run well below the 4,096 events at which Temporal suggests a new one: a batch costs about six. */
const MAX_BATCHES_PER_RUN = 400;

export interface RemergeInput {
  readonly account: string;
  /** Days on which the calls started; null for all calls. */
  readonly window: Days | null;
  readonly maxBatchesPerRun?: number;
  /** Handed from one run to the next when the workflow continues as new. */
  readonly carried?: { readonly after: string | null; readonly calls: number; readonly changed: number };
}

/**
 * Computes the calls of an account from their stored rows again, after a rule of the merge has changed. Writes only the
 * documents that change. Asks no API.
 */
export async function remerge(input: RemergeInput): Promise<RemergeProgress> {
  const { account, window: days } = input;
  const { remergeBatch } = proxyActivities<StoreActivities>(storeBatchActivityOptions);
  let { after, calls, changed } = input.carried ?? { after: null, calls: 0, changed: 0 };
  const progress = (): RemergeProgress => {
    const { from, to } = days ?? { from: null, to: null };
    return { account, from, to, calls, changed };
  };
  setHandler(remergeProgressQuery, progress);

  for (let batches = 0; batches < (input.maxBatchesPerRun ?? MAX_BATCHES_PER_RUN); batches += 1) {
    if (shouldHandOver()) break;
    setCurrentDetails(remergeDetails(progress(), 'Remerging'));
    const batch = await remergeBatch({ account, window: days, after });
    calls += batch.calls;
    changed += batch.changed;
    after = batch.last;
    if (after === null) {
      setCurrentDetails(remergeDetails(progress(), 'Remerged'));
      return progress();
    }
  }
  return handOver<typeof remerge>({ ...input, carried: { after, calls, changed } });
}
