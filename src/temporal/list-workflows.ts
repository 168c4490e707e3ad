import { isGrpcServiceError, type Client, type WorkflowExecutionInfo } from '@temporalio/client';
import { concernsSearchAttributes } from './search-attributes.js';

/**
 * The workflows that a query finds, the one started last first. None where our search attributes are not registered yet:
 * nothing of ours can have been started there.
 */
export async function* listWorkflows(
  client: Client,
  options: { readonly query: string; readonly pageSize?: number },
): AsyncGenerator<WorkflowExecutionInfo, void, undefined> {
  try {
    yield* client.workflow.list(options);
  } catch (error) {
    const cause = error instanceof Error ? error.cause : null;
    if (!isGrpcServiceError(cause) || !concernsSearchAttributes(cause.details)) throw error;
  }
}
