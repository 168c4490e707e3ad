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
import { listWorkflows, ofAccount } from './lists.js';

export type DrainHandle = WorkflowHandle<typeof drain>;
export type TranscriptsHandle = WorkflowHandle<typeof transcripts>;

/** A running workflow. `attached` is true if it was already running. */
export interface Started<W extends Workflow> {
  readonly handle: WorkflowHandle<W>;
  readonly attached: boolean;
}

/** Starts a live drain of the account, or attaches to the running one. */
export function startDrain(client: Client, account: string): Promise<Started<typeof drain>> {
  return start(client, DRAIN, account);
}

/**
 * Starts a run that fetches the account's due transcripts, or attaches to the running one with its id. Does not attach
 * to the dispatcher, which does not end while a look is due soon.
 */
export function startTranscripts(client: Client, account: string): Promise<Started<typeof transcripts>> {
  return startOrAttach(client, TRANSCRIPTS.type, startOptions(TRANSCRIPTS, account));
}

/** Lists the account's other running workflows that make looks: the dispatcher, and those its schedule has started. */
export async function otherTranscripts(client: Client, account: string): Promise<TranscriptsHandle[]> {
  const query = runningQuery(TRANSCRIPTS, account);
  const handles: TranscriptsHandle[] = [];
  for await (const { workflowId } of listWorkflows(client, { query })) {
    if (workflowId !== accountWorkflowId(TRANSCRIPTS, account)) handles.push(client.workflow.getHandle(workflowId));
  }
  return handles;
}

function startOptions(workflow: AccountWorkflow, account: string) {
  return {
    args: [{ account }] as [{ account: string }],
    workflowId: accountWorkflowId(workflow, account),
    taskQueue: WORKFLOW_TASK_QUEUE,
    typedSearchAttributes: searchAttributesOf({ account, mode: workflow.mode }),
    staticSummary: `${workflow.summary}: ${account}`,
  };
}

function runningQuery({ type }: AccountWorkflow, account: string): string {
  return `WorkflowType = '${type}' AND ${ofAccount(account)} AND ExecutionStatus = 'Running'`;
}

async function start<W extends Workflow>(
  client: Client,
  workflow: AccountWorkflow,
  account: string,
): Promise<Started<W>> {
  const running = await runningFor<W>(client, workflow, account);
  if (running !== null) return { handle: running, attached: true };
  const handle = await client.workflow.start(workflow.type, {
    ...startOptions(workflow, account),
    workflowIdConflictPolicy: 'USE_EXISTING',
  });
  return { handle: client.workflow.getHandle<W>(handle.workflowId), attached: false };
}

/**
 * Returns the account's running workflow of this type, or null. The id of a scheduled run has a time stamp, so it is
 * found by type and account. The list is a moment old: each result is checked again, and a run that just started may be
 * missing, so that two may run at once. Their writes are safe against that.
 */
export async function runningFor<W extends Workflow>(
  client: Client,
  workflow: AccountWorkflow,
  account: string,
): Promise<WorkflowHandle<W> | null> {
  const query = runningQuery(workflow, account);
  for await (const { workflowId, runId } of listWorkflows(client, { query, pageSize: 1 })) {
    const { status } = await client.workflow.getHandle(workflowId, runId).describe();
    if (status.name === 'RUNNING') return client.workflow.getHandle<W>(workflowId);
  }
  return null;
}

/** Returns the id of the account's running live drain, or null. The answer may be a moment old. */
export async function runningDrainId(client: Client, account: string): Promise<string | null> {
  return (await runningFor<typeof drain>(client, DRAIN, account))?.workflowId ?? null;
}

/** Starts the workflow, or attaches to the running one with this id. */
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
