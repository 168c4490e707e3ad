import type { Days } from '../../domain/days/days.js';
import { dayEnd, dayStart } from '../../domain/days/zoned-days.js';
import type { RemergeResult } from '../../store/calls/remerge-calls.js';
import { requireAccount, type ActivityDependencies } from '../dependencies.js';
import { withHeartbeat } from '../requests/heartbeat.js';
import { requireAccountZone } from '../days/plan-days.js';

export interface RemergeBatchInput {
  readonly account: string;
  /** Days on which the calls started; null for all calls. */
  readonly window: Days | null;
  /** Id of the last call already done; null to begin with the first. */
  readonly after: string | null;
}

/** Takes a few seconds. */
const CALLS_PER_BATCH = 2_000;

/** Computes the next calls of the account from their stored rows again, and writes those that change. Asks no API. */
export async function remergeBatch(
  deps: ActivityDependencies,
  { account, window: days, after }: RemergeBatchInput,
): Promise<RemergeResult> {
  const batch = { account, after, limit: CALLS_PER_BATCH };
  if (deps.invoices.has(account)) {
    const startedAt = days === null ? null : instantsOf(days, 'UTC');
    return withHeartbeat(() => deps.store.crediraCalls.remerge({ ...batch, startedAt }));
  }
  const feed = requireAccount(deps.feeds, account);
  return withHeartbeat(() =>
    deps.store.calls.remerge({
      ...batch,
      startedAt: days === null ? null : instantsOf(days, requireAccountZone(deps, account)),
      transcriptPolicy: feed.transcripts,
      now: deps.now,
    }),
  );
}

function instantsOf({ from, to }: Days, timeZone: string): { from: Date; to: Date } {
  return { from: dayStart(from, timeZone), to: dayEnd(to, timeZone) };
}
