import type { Client, WorkflowStartOptions } from '@temporalio/client';
import { WorkflowExecutionAlreadyStartedError, type Workflow } from '@temporalio/common';
import type { Started } from './account-workflows.js';

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
