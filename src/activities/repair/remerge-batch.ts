import type { Days } from '../../domain/days/days.js';
import { dayEnd, dayStart } from '../../domain/days/zoned-days.js';
import type { RemergeResult } from '../../store/calls/remerge-calls.js';
import { requireAccount, type ActivityDependencies } from '../dependencies.js';
import { withHeartbeat } from '../requests/heartbeat.js';
import { requireAccountZone } from '../days/plan-days.js';

export interface RemergeBatchInput {
  readonly account: string;
  /** Only calls that started on these days; null for all. */
  readonly window: Days | null;
  /** The last call already done; null begins with the first. */
  readonly after: string | null;
}

/** A few seconds of work. */
const CALLS_PER_BATCH = 2_000;

/** The next calls of the account say afterwards what their stored rows make. Asks no API. */
export async function remergeBatch(
  deps: ActivityDependencies,
  { account, window: days, after }: RemergeBatchInput,
): Promise<RemergeResult> {
  const batch = { account, after, limit: CALLS_PER_BATCH, now: deps.now };
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
    }),
  );
}

function instantsOf({ from, to }: Days, timeZone: string): { from: Date; to: Date } {
  return { from: dayStart(from, timeZone), to: dayEnd(to, timeZone) };
}
