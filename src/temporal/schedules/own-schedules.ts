import type { Client, ScheduleSummary } from '@temporalio/client';
import { ACCOUNT_ATTRIBUTE, ACCOUNT_WORKFLOWS, accountWorkflowId } from '../../workflows/ids.js';
import { LARGEST_PAGE, listSchedules, ofAccount } from '../runs/lists.js';

/** A schedule on the server that callweave made for an account. */
export interface OwnSchedule {
  readonly scheduleId: string;
  readonly account: string;
}

/** A listed schedule with its state, which may be a moment old. */
export interface ListedSchedule extends OwnSchedule, Pick<ScheduleSummary, 'spec' | 'state' | 'info'> {}

/** Lists the schedules that callweave made, for one account if it is given, sorted by id. */
export async function listOwnSchedules(client: Client, account?: string): Promise<ListedSchedule[]> {
  const query = account === undefined ? `${ACCOUNT_ATTRIBUTE.name} IS NOT NULL` : ofAccount(account);
  const schedules: ListedSchedule[] = [];
  for await (const summary of listSchedules(client, { query, pageSize: LARGEST_PAGE })) {
    const owner = ownerOf(summary);
    if (owner !== null) schedules.push({ ...summary, account: owner });
  }
  return schedules.sort((a, b) => (a.scheduleId < b.scheduleId ? -1 : 1));
}

/**
 * Returns the account a schedule was made for, or null if callweave did not make it. Its attribute, its id and the
 * workflow it starts must all match, because another program's schedule may have one of these.
 */
function ownerOf({ scheduleId, action, typedSearchAttributes }: ScheduleSummary): string | null {
  const account = typedSearchAttributes?.get(ACCOUNT_ATTRIBUTE);
  if (account === undefined) return null;
  const isOurs = ACCOUNT_WORKFLOWS.some(
    (workflow) => scheduleId === accountWorkflowId(workflow, account) && action?.workflowType === workflow.type,
  );
  return isOurs ? account : null;
}
