import type { Client, WorkflowHandle, WorkflowStartOptions } from '@temporalio/client';
import { WorkflowExecutionAlreadyStartedError, type Workflow } from '@temporalio/common';
import type { drain } from '../../workflows/feed/drain.js';
import {
  accountWorkflowId,
  DRAIN,
  searchAttributesOf,
  TRANSCRIPTS,
  WORKFLOW_TASK_QUEUE,
  type AccountWorkflow,
} from '../../workflows/ids.js';
import type { transcripts } from '../../workflows/transcripts/transcripts.js';
import { listWorkflows } from './lists.js';

export type DrainHandle = WorkflowHandle<typeof drain>;
export type TranscriptsHandle = WorkflowHandle<typeof transcripts>;

/** A workflow that runs: the one that was started now, or one that ran already. */
export interface Started<W extends Workflow> {
  readonly handle: WorkflowHandle<W>;
  readonly attached: boolean;
}

/** Starts a live drain of the account, or attaches to the one that runs. */
export function startDrain(client: Client, account: string): Promise<Started<typeof drain>> {
  return start(client, DRAIN, account);
}

/** Starts fetching the account's transcripts that are due, or attaches to the run that does. */
export function startTranscripts(client: Client, account: string): Promise<Started<typeof transcripts>> {
  return start(client, TRANSCRIPTS, account);
}

async function start<W extends Workflow>(
  client: Client,
  workflow: AccountWorkflow,
  account: string,
): Promise<Started<W>> {
  const running = await runningFor<W>(client, workflow, account);
  if (running !== null) return { handle: running, attached: true };
  const handle = await client.workflow.start(workflow.type, {
    args: [{ account }],
    workflowId: accountWorkflowId(workflow, account),
    workflowIdConflictPolicy: 'USE_EXISTING',
    taskQueue: WORKFLOW_TASK_QUEUE,
    typedSearchAttributes: searchAttributesOf({ account, mode: workflow.mode }),
    staticSummary: `${workflow.summary}: ${account}`,
  });
  return { handle: client.workflow.getHandle<W>(handle.workflowId), attached: false };
}

/**
 * The workflow that runs for the account, else null. A scheduled run's id carries a time stamp, so it is looked up by
 * type and account. The list is a moment old, so each is asked whether it still runs; one that began just now may be
 * missing, so two may run at once: what they write is safe against that.
 */
export async function runningFor<W extends Workflow>(
  client: Client,
  { type }: AccountWorkflow,
  account: string,
): Promise<WorkflowHandle<W> | null> {
  const query = `WorkflowType = '${type}' AND CallweaveAccount = '${account}' AND ExecutionStatus = 'Running'`;
  for await (const { workflowId, runId } of listWorkflows(client, { query, pageSize: 1 })) {
    const { status } = await client.workflow.getHandle(workflowId, runId).describe();
    if (status.name === 'RUNNING') return client.workflow.getHandle<W>(workflowId);
  }
  return null;
}

/** The id of the live drain that runs for the account, else null. The answer may be a moment old. */
export async function runningDrainId(client: Client, account: string): Promise<string | null> {
  return (await runningFor<typeof drain>(client, DRAIN, account))?.workflowId ?? null;
}

/** Starts the workflow, or attaches to the one of this id that runs. */
export async function startOrAttach<W extends Workflow>(
  client: Client,
  type: string,
  options: WorkflowStartOptions<W>,
): Promise<Started<W>> {
  try {
    const { workflowId } = await client.workflow.start<W>(type, options);
    return { handle: client.workflow.getHandle<W>(workflowId), attached: false };
  } catch (error) {
    if (!(error instanceof WorkflowExecutionAlreadyStartedError)) throw error;
    return { handle: client.workflow.getHandle<W>(options.workflowId), attached: true };
  }
}
