import { WorkflowFailedError } from '@temporalio/client';
import { ActivityFailure, ApplicationFailure, ChildWorkflowFailure } from '@temporalio/common';

/**
 * What a person needs to know of a failed workflow: the message of the activity that failed, instead of Temporal's
 * "Workflow execution failed".
 */
export function failureMessage(error: unknown): string {
  const cause = rootCause(error);
  return cause instanceof Error ? cause.message : String(cause);
}

function rootCause(error: unknown): unknown {
  const isWrapper =
    error instanceof WorkflowFailedError || error instanceof ActivityFailure || error instanceof ChildWorkflowFailure;
  if (isWrapper && error.cause !== undefined) return rootCause(error.cause);
  return error instanceof ApplicationFailure && error.message === '' ? error.type : error;
}
