import type { SourceError } from '../sources/errors.js';
import type { Hold } from '../store/limits.js';
import type { ActivityDependencies } from './dependencies.js';

/** No requests until then. */
export interface Rest {
  readonly until: Date;
  readonly reason: string;
}

/** For a 429 without a readable Retry-After. */
const DEFAULT_HOLD_MS = 30_000;

/** The hold the account's API has asked for, while it lasts. */
export async function runningHold(deps: ActivityDependencies, account: string): Promise<Rest | null> {
  return restOf(await deps.store.limits.read(account), deps.now());
}

/** Null once the hold is over. */
export function restOf(hold: Hold | null, now: Date): Rest | null {
  return hold === null || hold.holdUntil <= now ? null : { until: hold.holdUntil, reason: hold.reason };
}

/** Writes down what a 429 asks for: no request of the account starts before it is over, in any worker. */
export async function holdAccount(deps: ActivityDependencies, account: string, error: SourceError): Promise<Rest> {
  const { holdUntil, reason } = await deps.store.limits.hold({
    account,
    until: new Date(deps.now().getTime() + (error.retryAfterMs ?? DEFAULT_HOLD_MS)),
    reason: `${error.status ?? 429} from the API of ${account}`,
  });
  return { until: holdUntil, reason };
}
