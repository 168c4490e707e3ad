import type { Client, WorkflowHandle } from '@temporalio/client';
import type { Days } from '../../domain/days/days.js';
import type { estimateBackfill } from '../../workflows/backfill/estimate-backfill.js';
import { estimateWorkflowId, searchAttributesOf, WORKFLOW_TASK_QUEUE } from '../../workflows/ids.js';

/**
 * Starts asking the source for one page of each of the days, which are some of the window. One that runs already for
 * the same window is ended: its days may be others.
 */
export function startEstimate(
  client: Client,
  { account, window, days }: { account: string; window: Days; days: readonly string[] },
): Promise<WorkflowHandle<typeof estimateBackfill>> {
  return client.workflow.start<typeof estimateBackfill>('estimateBackfill', {
    args: [{ account, days }],
    workflowId: estimateWorkflowId({ account, ...window }),
    workflowIdConflictPolicy: 'TERMINATE_EXISTING',
    taskQueue: WORKFLOW_TASK_QUEUE,
    typedSearchAttributes: searchAttributesOf({ account, mode: 'backfill' }),
    staticSummary: `Estimate of a backfill: ${account} ${window.from}..${window.to}`,
  });
}
