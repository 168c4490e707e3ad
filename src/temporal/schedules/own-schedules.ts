import type { Client, ScheduleSummary } from '@temporalio/client';
import { ACCOUNT_ATTRIBUTE, ACCOUNT_WORKFLOWS, accountWorkflowId } from '../../workflows/ids.js';
import { listSchedules, ofAccount } from '../runs/lists.js';

/** A schedule on the server that callweave made for an account. */
export interface OwnSchedule {
  readonly scheduleId: string;
  readonly account: string;
}

/** The schedules callweave made, for one account where it is given, by id. Those of others are not among them. */
export async function listOwnSchedules(client: Client, account?: string): Promise<OwnSchedule[]> {
  const query = account === undefined ? `${ACCOUNT_ATTRIBUTE.name} IS NOT NULL` : ofAccount(account);
  const schedules: OwnSchedule[] = [];
  for await (const summary of listSchedules(client, { query })) {
    const owner = ownerOf(summary);
    if (owner !== null) schedules.push({ scheduleId: summary.scheduleId, account: owner });
  }
  return schedules.sort((a, b) => (a.scheduleId < b.scheduleId ? -1 : 1));
}

/**
 * The account a schedule was made for, where all tells that callweave made it: its attribute, its id and what it
 * starts. Somebody else's may have one of these.
 */
function ownerOf({ scheduleId, action, typedSearchAttributes }: ScheduleSummary): string | null {
  const account = typedSearchAttributes?.get(ACCOUNT_ATTRIBUTE);
  if (account === undefined) return null;
  const isOurs = ACCOUNT_WORKFLOWS.some(
    (workflow) => scheduleId === accountWorkflowId(workflow, account) && action?.workflowType === workflow.type,
  );
  return isOurs ? account : null;
}
