import type { SourceError } from '../../sources/errors.js';
import type { RunningHold } from '../../store/limits/holds.js';
import type { ActivityDependencies } from '../dependencies.js';

/** The source is to be left alone until an instant: the workflow shows it and sleeps. */
export interface WaitResult {
  readonly outcome: 'wait';
  /** ISO instant. */
  readonly until: string;
  readonly reason: string;
}

/** For a 429 without a readable Retry-After. */
const DEFAULT_HOLD_MS = 30_000;

export function waitResult({ until, reason }: RunningHold): WaitResult {
  return { outcome: 'wait', until: until.toISOString(), reason };
}

/** A request that was made. */
export interface SentRequest {
  readonly deps: ActivityDependencies;
  readonly account: string;
  /** The account's count of holds right before it: a hold that it brings is the next, unless another came first. */
  readonly epoch: number;
}

/** Whether an answer asks for the account to be left alone for a while. */
export function asksForHold({ kind }: SourceError): boolean {
  return kind === 'rate-limited' || kind === 'busy';
}

/**
 * Writes down what such an answer asks for: no request of the account starts before it is over, in any worker; after
 * a 429 there are fewer a second.
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
