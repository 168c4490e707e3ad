import { isGrpcServiceError, type Client, type ScheduleSummary, type WorkflowExecutionInfo } from '@temporalio/client';
import { ACCOUNT_ATTRIBUTE } from '../../workflows/ids.js';
import { concernsSearchAttributes } from '../server/search-attributes.js';

/** A condition of a query: what belongs to the account. The name may be any text. */
export function ofAccount(account: string): string {
  const escaped = account.replaceAll(/[\\']/g, String.raw`\$&`);
  return `${ACCOUNT_ATTRIBUTE.name} = '${escaped}'`;
}

/** Lists the workflows that a query finds, the one started last first. */
export function listWorkflows(
  client: Client,
  options: { readonly query: string; readonly pageSize?: number },
): AsyncGenerator<WorkflowExecutionInfo, void, undefined> {
  return noneWithoutAttributes(() => client.workflow.list(options));
}

/** Lists the schedules that a query finds. */
export function listSchedules(
  client: Client,
  options: { readonly query: string },
): AsyncGenerator<ScheduleSummary, void, undefined> {
  return noneWithoutAttributes(() => client.schedule.list(options));
}

/** Lists nothing if our search attributes are not registered yet: nothing of ours can have been started there. */
async function* noneWithoutAttributes<Item>(list: () => AsyncIterable<Item>): AsyncGenerator<Item, void, undefined> {
  try {
    yield* list();
  } catch (error) {
    const cause = error instanceof Error && error.cause !== undefined ? error.cause : error;
    if (!isGrpcServiceError(cause) || !concernsSearchAttributes(cause.details)) throw error;
  }
}
