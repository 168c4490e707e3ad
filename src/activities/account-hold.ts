import type { SourceError } from '../sources/errors.js';
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
  const hold = await deps.store.limits.read(account);
  return hold === null || hold.holdUntil <= deps.now() ? null : { until: hold.holdUntil, reason: hold.reason };
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
