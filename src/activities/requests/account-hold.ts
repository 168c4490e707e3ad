import type { SourceError } from '../../sources/errors.js';
import type { Hold } from '../../store/limits/limits.js';
import { runningHold } from '../../store/limits/running-hold.js';
import type { ActivityDependencies } from '../dependencies.js';

/** No requests until then. */
export interface Rest {
  readonly until: Date;
  readonly reason: string;
}

/** The source is to be left alone until an instant: the workflow shows it and sleeps. */
export interface WaitResult {
  readonly outcome: 'wait';
  /** ISO instant. */
  readonly until: string;
  readonly reason: string;
}

/** For a 429 without a readable Retry-After. */
const DEFAULT_HOLD_MS = 30_000;

/** What an account's limits say right before a request. */
export interface Standing {
  /** Null where a request may be made. */
  readonly rest: Rest | null;
  /** Which holds the request knows of: one that it is the reason for is the next, unless another came first. */
  readonly epoch: number;
}

export async function accountStanding(deps: ActivityDependencies, account: string): Promise<Standing> {
  const hold = await deps.store.limits.read(account);
  return { rest: restOf(hold, deps.now()), epoch: hold?.epoch ?? 0 };
}

/** Null once the hold is over. */
export function restOf(hold: Hold | null, now: Date): Rest | null {
  return runningHold(hold, now);
}

export function waitResult({ until, reason }: Rest): WaitResult {
  return { outcome: 'wait', until: until.toISOString(), reason };
}

/** A request that was made. */
export interface Asked {
  readonly deps: ActivityDependencies;
  readonly account: string;
  /** Of the account's standing right before it. */
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
export async function holdAccount({ deps, account, epoch }: Asked, error: SourceError): Promise<Rest> {
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
