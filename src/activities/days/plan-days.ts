import { ApplicationFailure } from '@temporalio/common';
import { joinDays, addDays, type Days } from '../../domain/days/days.js';
import { dayOf } from '../../domain/days/zoned-days.js';
import { requireAccount, type ActivityDependencies } from '../dependencies.js';

export interface PlanBackfillInput {
  readonly account: string;
  readonly window: Days;
}

export interface PlanBackfillResult {
  /** Days of the window that are complete. */
  readonly complete: readonly Days[];
}

export interface PlanReconcileInput {
  readonly account: string;
  /** Number of days to read. */
  readonly days: number;
}

/** Days to read. */
export type PlanReconcileResult = Days;

/**
 * Finds the days of the window that a backfill may skip.
 * @throws a non-retryable `TimeZoneMissing`
 */
export async function planBackfill(deps: ActivityDependencies, input: PlanBackfillInput): Promise<PlanBackfillResult> {
  const { account, window: days } = input;
  const timeZone = requireAccountZone(deps, account);
  const complete = await deps.store.coverage.completeDays({ account, days, timeZone });
  return { complete: joinDays(complete.map((day) => ({ from: day, to: day }))) };
}

/** Returns the last `days` days before today. @throws a non-retryable `TimeZoneMissing` */
export function planReconcile(deps: ActivityDependencies, input: PlanReconcileInput): Promise<PlanReconcileResult> {
  const to = addDays(dayOf(deps.now(), requireAccountZone(deps, input.account)), -1);
  return Promise.resolve({ from: addDays(to, 1 - input.days), to });
}

/** Returns the IANA zone of the account. @throws a non-retryable `TimeZoneMissing` if none is set */
export function requireAccountZone(deps: ActivityDependencies, account: string): string {
  const { timeZone } = requireAccount(deps.feeds, account);
  if (timeZone !== null) return timeZone;
  throw ApplicationFailure.nonRetryable(
    `Finding the days of ${account}: the worker has no time zone for this account. Set INVOCA_TIME_ZONE to the ` +
      'zone of the token, also in the settings of the worker, and restart the worker.',
    'TimeZoneMissing',
  );
}
