import type { Client } from '@temporalio/client';
import type { AccountWorkflow } from '../../workflows/ids.js';
import { failureOf, activityTrouble } from './run-state.js';
import { listWorkflows } from './lists.js';

export interface LastRun {
  readonly workflowId: string;
  readonly state: 'running' | 'completed' | 'failed';
  readonly startedAt: Date;
  /** What the person needs to know of a failed one. */
  readonly failure: string | null;
  /** What an activity of one that runs failed with, and is tried again. */
  readonly trouble: string | null;
}

/** Runs that failed one after the other, with none between or since that completed. */
export interface FailedRuns {
  /** The last of them. */
  readonly workflowId: string;
  /** What the person needs to know of it. */
  readonly failure: string;
  /** When the first of them ended. */
  readonly since: Date;
  /** When the last of them ended. */
  readonly endedAt: Date;
}

const ENDED = "ExecutionStatus IN ('Completed', 'Failed', 'TimedOut', 'Terminated', 'Canceled')";
/** Eight hours of failures, one every five minutes. */
const MOST_LOOKED_AT = 100;

/** The run of a workflow of the account that was started last, or null. */
export async function lastRun(client: Client, { type }: AccountWorkflow, account: string): Promise<LastRun | null> {
  const query = `WorkflowType = '${type}' AND CallweaveAccount = '${account}'`;
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

/** When the oldest of the account's runs of a workflow that still run was started; null where none runs. */
export async function runningSince(client: Client, { type }: AccountWorkflow, account: string): Promise<Date | null> {
  const query = `WorkflowType = '${type}' AND CallweaveAccount = '${account}' AND ExecutionStatus = 'Running'`;
  let oldest: Date | null = null;
  for await (const { startTime } of listWorkflows(client, { query })) {
    if (oldest === null || startTime < oldest) oldest = startTime;
  }
  return oldest;
}

/**
 * The account's runs of a workflow that failed since one last completed; null where the last that ended did not fail.
 */
export async function failedRuns(
  client: Client,
  { type }: AccountWorkflow,
  account: string,
): Promise<FailedRuns | null> {
  const query = `WorkflowType = '${type}' AND CallweaveAccount = '${account}' AND ${ENDED}`;
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
