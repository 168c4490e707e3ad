import { runningHold, type Rest } from './account-hold.js';
import type { ActivityDependencies } from './dependencies.js';

/** Refusals (403) in a row after which they are taken for the account's, not the calls'. */
export const PAUSE_AFTER_FORBIDDEN = 10;
/** How long the account's transcripts rest then, until one call is asked for as a probe. */
export const FORBIDDEN_PAUSE_MS = 24 * 3_600_000;
/** How long they rest after a refused token (401): somebody is likely to be mending it. */
export const UNAUTHORIZED_PAUSE_MS = 15 * 60_000;

/** Why no transcript of the account is asked for now: the account is on hold, or its transcripts are paused. */
export async function transcriptsRest(deps: ActivityDependencies, account: string): Promise<Rest | null> {
  const [hold, { pausedUntil, reason }] = await Promise.all([
    runningHold(deps, account),
    deps.store.limits.transcriptsState(account),
  ]);
  if (hold !== null || pausedUntil === null || pausedUntil <= deps.now()) return hold;
  return { until: pausedUntil, reason: reason ?? 'transcripts are paused' };
}
