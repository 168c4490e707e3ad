import type { Client } from '@temporalio/client';
import type { AccountWorkflow } from '../../workflows/ids.js';
import { failureOf, activityTrouble } from './run-state.js';
import { listWorkflows, ofAccount } from './lists.js';

export interface LastRun {
  readonly workflowId: string;
  readonly state: 'running' | 'completed' | 'failed';
  readonly startedAt: Date;
  /** Reason of a failed run, for an operator; else null. */
  readonly failure: string | null;
  /** Last failure of an activity that a running workflow retries; null if there is none. */
  readonly trouble: string | null;
}

/** Consecutive failed runs, after which none has completed. */
export interface FailedRuns {
  /** Id of the last run. */
  readonly workflowId: string;
  /** Reason of the last failure, for an operator. */
  readonly failure: string;
  /** End of the first run. */
  readonly since: Date;
  /** End of the last run. */
  readonly endedAt: Date;
}

const ENDED = "ExecutionStatus IN ('Completed', 'Failed', 'TimedOut', 'Terminated', 'Canceled')";
/** Eight hours of failures, one every five minutes. */
const MOST_LOOKED_AT = 100;

/** Returns the account's latest run of a workflow, or null. */
export async function lastRun(client: Client, { type }: AccountWorkflow, account: string): Promise<LastRun | null> {
  const query = `WorkflowType = '${type}' AND ${ofAccount(account)}`;
  for await (const { workflowId, runId, status, startTime: startedAt } of listWorkflows(client, {
    query,
    pageSize: 1,
  })) {
    const handle = client.workflow.getHandle(workflowId, runId);
    const nothing = { workflowId, startedAt, failure: null, trouble: null };
    switch (status.name) {
      case 'RUNNING':
        return { ...nothing, state: 'running', trouble: await activityTrouble(handle) };
      case 'COMPLETED':
        return { ...nothing, state: 'completed' };
      default:
        return { ...nothing, state: 'failed', failure: await failureOf(handle) };
    }
  }
  return null;
}

/** Returns the start of the account's oldest running workflow of a type; null if none runs. */
export async function runningSince(client: Client, { type }: AccountWorkflow, account: string): Promise<Date | null> {
  const query = `WorkflowType = '${type}' AND ${ofAccount(account)} AND ExecutionStatus = 'Running'`;
  let oldest: Date | null = null;
  for await (const { startTime } of listWorkflows(client, { query })) {
    if (oldest === null || startTime < oldest) oldest = startTime;
  }
  return oldest;
}

/** Returns the account's failed runs of a workflow since the last completed one; null if the latest did not fail. */
export async function failedRuns(
  client: Client,
  { type }: AccountWorkflow,
  account: string,
): Promise<FailedRuns | null> {
  const query = `WorkflowType = '${type}' AND ${ofAccount(account)} AND ${ENDED}`;
  const failed: { workflowId: string; runId: string; endedAt: Date }[] = [];
  for await (const { workflowId, runId, status, closeTime } of listWorkflows(client, { query, pageSize: 20 })) {
    if (status.name === 'COMPLETED') break;
    failed.push({ workflowId, runId, endedAt: closeTime ?? new Date(0) });
    if (failed.length === MOST_LOOKED_AT) break;
  }
  const [last] = failed;
  if (last === undefined) return null;
  const { workflowId, runId, endedAt } = last;
  const failure = (await failureOf(client.workflow.getHandle(workflowId, runId))) ?? 'unknown';
  return { workflowId, failure, endedAt, since: failed.at(-1)?.endedAt ?? endedAt };
}
