import type { SourceError } from '../../sources/errors.js';
import type { RunningHold } from '../../store/limits/holds.js';
import type { ActivityDependencies } from '../dependencies.js';

/** Result of a request that must be repeated after `until`: the workflow shows the reason and sleeps. */
export interface WaitResult {
  readonly outcome: 'wait';
  /** ISO instant. */
  readonly until: string;
  readonly reason: string;
}

/** Time of a hold whose answer has no readable Retry-After. */
const DEFAULT_HOLD_MS = 30_000;

export function waitResult({ until, reason }: RunningHold): WaitResult {
  return { outcome: 'wait', until: until.toISOString(), reason };
}

/** A request that was sent. */
export interface SentRequest {
  readonly deps: ActivityDependencies;
  readonly account: string;
  /** The account's count of holds when it was sent. Slows the account down once for requests that failed together. */
  readonly epoch: number;
}

/** True if the answer asks to send no more requests for some time. */
export function asksForHold({ kind }: SourceError): boolean {
  return kind === 'rate-limited' || kind === 'busy';
}

/**
 * Stores the hold that an answer asks for: until it ends, no worker starts a request of the account. A 429 also lowers
 * the account's rate of requests.
 */
export async function holdAccount({ deps, account, epoch }: SentRequest, error: SourceError): Promise<RunningHold> {
  const { holdUntil, reason, rate } = await deps.store.limits.hold({
    account,
    until: new Date(deps.now().getTime() + (error.retryAfterMs ?? DEFAULT_HOLD_MS)),
    reason: `${error.status ?? 429} from the API of ${account}`,
    epoch,
    slowsDown: error.kind === 'rate-limited',
    ceiling: deps.rates.ceilingOf(account),
  });
  await deps.rates.follow({ account, rate });
  return { until: holdUntil, reason };
}
