import type { Client } from '@temporalio/client';
import { refreshWorkflowId, searchAttributesOf, WORKFLOW_TASK_QUEUE } from '../../workflows/ids.js';
import type { refreshCall, RefreshCallInput } from '../../workflows/repair/refresh-call.js';
import type { Started } from './account-workflows.js';
import { startOrAttach } from './start-or-attach.js';

/** Starts reading a call again from the source, or attaches to the run that does. */
export function startRefresh(client: Client, input: RefreshCallInput): Promise<Started<typeof refreshCall>> {
  const { account, id } = input;
  return startOrAttach<typeof refreshCall>(client, 'refreshCall', {
    args: [input],
    workflowId: refreshWorkflowId(input),
    taskQueue: WORKFLOW_TASK_QUEUE,
    typedSearchAttributes: searchAttributesOf({ account, mode: 'refresh' }),
    staticSummary: `One call read again: ${account}, ${id}`,
  });
}
