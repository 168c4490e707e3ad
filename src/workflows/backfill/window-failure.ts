import { ActivityFailure, ApplicationFailure, ChildWorkflowFailure } from '@temporalio/common';

export interface WindowFailure {
  /** What failed it, in the words of the activity. */
  readonly reason: string;
  /** The source refused the request: it would refuse those of other windows too. */
  readonly isRefusal: boolean;
}

/** What a window's child workflow failed of, without Temporal's wrappers. */
export function windowFailureOf(error: unknown): WindowFailure {
  const cause = rootCause(error);
  return {
    reason: cause instanceof Error ? cause.message : String(cause),
    isRefusal: cause instanceof ApplicationFailure && cause.type === 'Refused',
  };
}

function rootCause(error: unknown): unknown {
  const isWrapper = error instanceof ActivityFailure || error instanceof ChildWorkflowFailure;
  return isWrapper && error.cause !== undefined ? rootCause(error.cause) : error;
}
