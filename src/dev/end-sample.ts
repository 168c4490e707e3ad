import type { Client } from '@temporalio/client';
import { listWorkflows, ofAccount } from '../temporal/runs/lists.js';
import { listOwnSchedules } from '../temporal/schedules/own-schedules.js';
import { removeSchedule } from '../temporal/schedules/schedules.js';

/** Ends what an earlier start on the sample feed left on the server: nobody serves that feed any more. */
export async function endSample(client: Client, account: string): Promise<void> {
  for (const { scheduleId } of await listOwnSchedules(client, account)) await removeSchedule(client, scheduleId);
  const query = `${ofAccount(account)} AND ExecutionStatus = 'Running'`;
  for await (const { workflowId, runId } of listWorkflows(client, { query })) {
    await client.workflow.getHandle(workflowId, runId).terminate('the sample feed is not served any more');
  }
}
