import type { Client } from '@temporalio/client';

/** Number of runs of a workflow, all but the last of which continued as new. */
export async function runsOf(client: Client, workflowId: string): Promise<number> {
  let runs = 0;
  let runId: string | undefined;
  do {
    const { events } = await client.workflow.getHandle(workflowId, runId).fetchHistory();
    runs += 1;
    runId = events?.[0]?.workflowExecutionStartedEventAttributes?.continuedExecutionRunId ?? '';
  } while (runId !== '');
  return runs;
}
