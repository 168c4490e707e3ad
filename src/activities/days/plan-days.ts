import { ApplicationFailure } from '@temporalio/common';
import { joinDays, addDays, type Days } from '../../domain/days/days.js';
import { dayOf } from '../../domain/days/zoned-days.js';
import { requireAccount, type ActivityDependencies } from '../dependencies.js';

export interface PlanBackfillInput {
  readonly account: string;
  readonly window: Days;
}

export interface PlanBackfillResult {
  /** The days of the window that are complete. */
  readonly complete: readonly Days[];
}

export interface PlanReconcileInput {
  readonly account: string;
  /** How many days to sweep. */
  readonly days: number;
}

/** The days to sweep. */
export type PlanReconcileResult = Days;

/** Which days a backfill of the days may skip. */
export async function planBackfill(deps: ActivityDependencies, input: PlanBackfillInput): Promise<PlanBackfillResult> {
  const { account, window: days } = input;
  const timeZone = requireAccountZone(deps, account);
  const complete = await deps.store.coverage.completeDays({ account, days, timeZone });
  return { complete: joinDays(complete.map((day) => ({ from: day, to: day }))) };
}

/** The last days that have ended. */
export function planReconcile(deps: ActivityDependencies, input: PlanReconcileInput): Promise<PlanReconcileResult> {
  const to = addDays(dayOf(deps.now(), requireAccountZone(deps, input.account)), -1);
  return Promise.resolve({ from: addDays(to, 1 - input.days), to });
}

/** @throws a non-retryable `TimeZoneMissing` */
export function requireAccountZone(deps: ActivityDependencies, account: string): string {
  const { timeZone } = requireAccount(deps.feeds, account);
  if (timeZone !== null) return timeZone;
  throw ApplicationFailure.nonRetryable(
    `Telling the days of ${account}: the worker knows no time zone for it. Set INVOCA_TIME_ZONE to the zone of the ` +
      'token, for the worker too, and restart it.',
    'TimeZoneMissing',
  );
}
