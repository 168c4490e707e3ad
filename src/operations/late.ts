import { minuteText } from '../domain/shown-times.js';
import type { AccountStatus } from './account-status.js';

/** Number of poll intervals after which an account that has not caught up is late. */
const LATE_AFTER_INTERVALS = 3;

/** Reports that an account is late, since when and why; empty if it is not late. */
export function lateDrain(status: AccountStatus, now: Date): { message: string; since: Date }[] {
  const since = behindSince(status);
  if (since === null || now.getTime() - since.getTime() <= LATE_AFTER_INTERVALS * status.pollSeconds * 1_000) return [];
  return [{ since, message: `${whatIsLate(status, since)}: ${reasonOf(status)}` }];
}

/** Returns since when the account has not been read to its end; null if unknown, or if no invoice is due. */
function behindSince(status: AccountStatus): Date | null {
  const { invoices, caughtUpAt, firstAttemptAt, lastDrain } = status;
  if (invoices === null) return caughtUpAt ?? firstAttemptAt;
  // Invoices are asked about when they are due, which may be long after the last one.
  if (lastDrain === null || (lastDrain.state !== 'running' && invoices.dueNow === 0)) return null;
  const { lastSyncAt } = invoices;
  return lastSyncAt !== null && lastSyncAt > lastDrain.startedAt ? lastSyncAt : lastDrain.startedAt;
}

function whatIsLate({ invoices, caughtUpAt }: AccountStatus, since: Date): string {
  if (invoices !== null) return `no invoice was read since ${minuteText(since)}`;
  return caughtUpAt === null
    ? `never caught up since the first attempt at ${minuteText(since)}`
    : `not caught up since ${minuteText(since)}`;
}

/** Returns the first reason that applies: it explains the later ones. */
function reasonOf(status: AccountStatus): string {
  const { outage, hold, lastDrain, failedDrains, stuckRuns, workers, schedules, pages, lastPageAt } = status;
  if (workers.length > 0 && workers.every(({ pollers }) => pollers === 0)) return 'no worker is running';
  if (stuckRuns.some(({ workflowId }) => workflowId === lastDrain?.workflowId)) return 'its run is stuck';
  if (hold !== null) return `on hold until ${minuteText(hold.until)}: ${hold.reason}`;
  if (outage !== null) return outage.reason;
  if (lastDrain?.trouble != null) return lastDrain.trouble;
  const idle = schedules.find(({ state }) => state !== 'active');
  if (lastDrain?.state !== 'running' && idle !== undefined) return `the schedule ${idle.scheduleId} is ${idle.state}`;
  if (lastDrain?.state !== 'running' && failedDrains !== null) return `the last run failed: ${failedDrains.failure}`;
  if (lastDrain?.state !== 'running') return 'no run is open; check that a worker is running';
  const soFar =
    lastPageAt === null ? 'nothing read yet' : `${pages} pages so far, the last at ${minuteText(lastPageAt)}`;
  return `${lastDrain.workflowId} is running, ${soFar}`;
}
