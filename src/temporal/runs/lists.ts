import { isGrpcServiceError, type Client, type ScheduleSummary, type WorkflowExecutionInfo } from '@temporalio/client';
import { ACCOUNT_ATTRIBUTE } from '../../workflows/ids.js';
import { concernsSearchAttributes } from '../server/search-attributes.js';

/** Returns the query condition for an account. The name may be any text. */
export function ofAccount(account: string): string {
  const escaped = account.replaceAll(/[\\']/g, String.raw`\$&`);
  return `${ACCOUNT_ATTRIBUTE.name} = '${escaped}'`;
}

/**
 * Returns the query condition for these accounts. That for more than one matches all accounts, because a query that
 * names hundreds is too long for some servers: look at {@link accountOf} then.
 */
export function ofAccounts(accounts: readonly string[]): string {
  const [only] = accounts;
  return accounts.length === 1 && only !== undefined ? ofAccount(only) : `${ACCOUNT_ATTRIBUTE.name} IS NOT NULL`;
}

/** Returns the account of a listed workflow; null if it has none. */
export function accountOf({ typedSearchAttributes }: WorkflowExecutionInfo): string | null {
  return typedSearchAttributes.get(ACCOUNT_ATTRIBUTE) ?? null;
}

/** Largest page that every server returns. */
export const LARGEST_PAGE = 1_000;

/** Lists the workflows that match a query, the one started last first. */
export function listWorkflows(
  client: Client,
  options: { readonly query: string; readonly pageSize?: number },
): AsyncGenerator<WorkflowExecutionInfo, void, undefined> {
  return noneWithoutAttributes(() => client.workflow.list(options));
}

/** Lists the schedules that match a query. */
export function listSchedules(
  client: Client,
  options: { readonly query: string; readonly pageSize?: number },
): AsyncGenerator<ScheduleSummary, void, undefined> {
  return noneWithoutAttributes(() => client.schedule.list(options));
}

/** Lists nothing if our search attributes are not registered, because nothing of ours can run there then. */
async function* noneWithoutAttributes<Item>(list: () => AsyncIterable<Item>): AsyncGenerator<Item, void, undefined> {
  try {
    yield* list();
  } catch (error) {
    const cause = error instanceof Error && error.cause !== undefined ? error.cause : error;
    if (!isGrpcServiceError(cause) || !concernsSearchAttributes(cause.details)) throw error;
  }
}
