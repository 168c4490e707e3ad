import { activityInfo } from '@temporalio/activity';
import { ApplicationFailure, ApplicationFailureCategory } from '@temporalio/common';
import type { SourceError } from '../../sources/errors.js';
import { accountStanding, holdAccount, type Asked, type Rest } from './account-hold.js';
import type { ActivityDependencies } from '../dependencies.js';

/** The source is to be left alone until an instant: the workflow shows it and sleeps. */
export interface WaitResult {
  readonly outcome: 'wait';
  readonly until: string;
  readonly reason: string;
}

export interface SourceTrouble {
  readonly deps: ActivityDependencies;
  readonly account: string;
  /** How many waits for the failing source came right before: each doubles the next. */
  readonly precedingWaits: number;
}

/** A hold up to this long is an activity retry; a longer one is shown by the workflow. */
const SHORT_HOLD_MS = 30_000;
/** Failures in a row before the wait shows in the workflow: retries alone leave no trace there. */
const ATTEMPTS_BEFORE_WAIT = 3;
const FIRST_OUTAGE_WAIT_MS = 30_000;
const LONGEST_OUTAGE_WAIT_MS = 10 * 60_000;

/**
 * `wait` is null when requests may be made to the account's API; `epoch` is what {@link outcomeOf} needs to know of
 * one.
 * @throws a benign retryable failure while a short hold lasts
 */
export async function activeHold({
  deps,
  account,
}: SourceTrouble): Promise<{ readonly wait: WaitResult | null; readonly epoch: number }> {
  const { rest, epoch } = await accountStanding(deps, account);
  return { wait: rest === null ? null : waitFor(rest, deps.now()), epoch };
}

/**
 * What a failed request means for the workflow. A 429, and a 503 that says for how long, is a hold on the whole
 * account, written before this returns.
 * @throws a retryable failure where trying again soon makes sense
 * @throws a non-retryable failure where a person must change something first
 */
export async function outcomeOf(trouble: SourceTrouble & Asked, error: SourceError): Promise<WaitResult> {
  switch (error.kind) {
    case 'rate-limited':
    case 'busy':
      return waitFor(await holdAccount(trouble, error), trouble.deps.now());
    case 'refused':
      throw ApplicationFailure.nonRetryable(error.message, 'Refused');
    case 'unavailable':
    case 'too-much':
    case 'cut-off':
      return outage(trouble, error);
  }
}

function waitFor({ until, reason }: Rest, now: Date): WaitResult {
  const remainingMs = Math.max(1, until.getTime() - now.getTime());
  if (remainingMs > SHORT_HOLD_MS) return { outcome: 'wait', until: until.toISOString(), reason };
  throw ApplicationFailure.create({
    type: 'Hold',
    message: `On hold until ${until.toISOString()}: ${reason}`,
    nextRetryDelay: remainingMs,
    category: ApplicationFailureCategory.BENIGN,
  });
}

function outage(trouble: SourceTrouble, error: SourceError): WaitResult {
  if (activityInfo().attempt < ATTEMPTS_BEFORE_WAIT) throw ApplicationFailure.retryable(error.message, 'Unavailable');
  const waitMs = Math.min(LONGEST_OUTAGE_WAIT_MS, FIRST_OUTAGE_WAIT_MS * 2 ** trouble.precedingWaits);
  return {
    outcome: 'wait',
    until: new Date(trouble.deps.now().getTime() + waitMs).toISOString(),
    reason: error.message,
  };
}
