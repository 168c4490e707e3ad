import type { Client, WorkflowHandle } from '@temporalio/client';
import type { Days } from '../../domain/days/days.js';
import type { estimateBackfill } from '../../workflows/backfill/estimate-backfill.js';
import { daysText, estimateWorkflowId, searchAttributesOf, WORKFLOW_TASK_QUEUE } from '../../workflows/ids.js';

/**
 * Starts asking the source for one page of each of the probed days, which are some of the days. One that runs already
 * for the same days is ended: those it probes may be others.
 */
export function startEstimate(
  client: Client,
  { account, days, probed }: { account: string; days: Days; probed: readonly string[] },
): Promise<WorkflowHandle<typeof estimateBackfill>> {
  return client.workflow.start<typeof estimateBackfill>('estimateBackfill', {
    args: [{ account, days: probed }],
    workflowId: estimateWorkflowId({ account, ...days }),
    workflowIdConflictPolicy: 'TERMINATE_EXISTING',
    taskQueue: WORKFLOW_TASK_QUEUE,
    typedSearchAttributes: searchAttributesOf({ account, mode: 'backfill' }),
    staticSummary: `Estimate of a backfill: ${account} ${daysText(days)}`,
  });
}
