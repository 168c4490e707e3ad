import type { Client, WorkflowHandleWithFirstExecutionRunId, WorkflowHandle } from '@temporalio/client';
import type { drain } from '../workflows/drain.js';
import { PROGRESS_QUERY, type DrainProgress } from '../workflows/drain-progress.js';
import { failureMessage } from './failure-message.js';
import { drainWorkflowId, searchAttributesOf, WORKFLOW_TASK_QUEUE } from '../workflows/ids.js';

export type DrainHandle = WorkflowHandle<typeof drain>;

/**
 * The running live drain of an account, else null. A scheduled run's id carries a time stamp, so it is looked up by
 * type and account. The answer may be a moment old; two drains at once are harmless, because only one can move the
 * checkpoint.
 */
async function runningDrain(client: Client, account: string): Promise<DrainHandle | null> {
  const query = `WorkflowType = 'drain' AND CallweaveAccount = '${account}' AND ExecutionStatus = 'Running'`;
  for await (const { workflowId } of client.workflow.list({ query, pageSize: 1 })) {
    return client.workflow.getHandle<typeof drain>(workflowId);
  }
  return null;
}

/** Starts a live drain of the account, or attaches to the one that runs. */
export async function startDrain(client: Client, account: string): Promise<{ handle: DrainHandle; attached: boolean }> {
  const running = await runningDrain(client, account);
  if (running !== null) return { handle: running, attached: true };
  const handle: WorkflowHandleWithFirstExecutionRunId<typeof drain> = await client.workflow.start<typeof drain>(
    'drain',
    {
      args: [{ account }],
      workflowId: drainWorkflowId(account),
      workflowIdConflictPolicy: 'USE_EXISTING',
      taskQueue: WORKFLOW_TASK_QUEUE,
      typedSearchAttributes: searchAttributesOf({ account, mode: 'live' }),
      staticSummary: `Live drain of ${account}`,
    },
  );
  return { handle, attached: false };
}

/** How far a drain has come; null where no worker answers. */
export async function drainProgress(handle: DrainHandle): Promise<DrainProgress | null> {
  try {
    return await handle.query<DrainProgress>(PROGRESS_QUERY);
  } catch {
    return null;
  }
}

export interface LastDrain {
  readonly workflowId: string;
  readonly state: 'running' | 'completed' | 'failed';
  readonly startedAt: Date;
  /** What the person needs to know of a failed one. */
  readonly failure: string | null;
}

/** The account's live drain that was started last, or null. */
export async function lastDrain(client: Client, account: string): Promise<LastDrain | null> {
  const query = `WorkflowType = 'drain' AND CallweaveAccount = '${account}'`;
  for await (const { workflowId, runId, status, startTime } of client.workflow.list({ query, pageSize: 1 })) {
    const handle = client.workflow.getHandle<typeof drain>(workflowId, runId);
    const state = status.name === 'RUNNING' ? 'running' : status.name === 'COMPLETED' ? 'completed' : 'failed';
    return { workflowId, state, startedAt: startTime, failure: state === 'failed' ? await failureOf(handle) : null };
  }
  return null;
}

async function failureOf(handle: DrainHandle): Promise<string | null> {
  try {
    await handle.result();
    return null;
  } catch (error) {
    return failureMessage(error);
  }
}
