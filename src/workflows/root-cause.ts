import { ActivityFailure, ChildWorkflowFailure } from '@temporalio/workflow';

/** Returns the failure without Temporal's wrappers. */
export function rootCause(error: unknown): unknown {
  const isWrapper = error instanceof ActivityFailure || error instanceof ChildWorkflowFailure;
  return isWrapper && error.cause !== undefined ? rootCause(error.cause) : error;
}
