import { ApplicationFailure, CancelledFailure, TemporalFailure } from '@temporalio/common';
import { takeSecretsOut } from '../process/secrets.js';
import { StoreError } from '../store/errors.js';

/**
 * Runs one activity and gives its errors the form Temporal shows and stores: our own messages, which name no secret
 * and no personal data, and for anything unexpected only its kind and place, because its message may quote data.
 */
export async function withFailures<T>(activity: string, run: () => Promise<T>): Promise<T> {
  try {
    return await run();
  } catch (error) {
    const failure = toFailure(activity, error);
    takeSecretsOut(failure);
    throw failure;
  }
}

function toFailure(activity: string, error: unknown): Error {
  if (error instanceof TemporalFailure || error instanceof CancelledFailure) return error;
  if (error instanceof StoreError) {
    return ApplicationFailure.create({ message: error.message, type: error.name, nonRetryable: !error.retryable });
  }
  const name = error instanceof Error ? error.name : typeof error;
  const failure = ApplicationFailure.retryable(`Unexpected ${name} in the activity ${activity}`, name);
  if (error instanceof Error && error.stack !== undefined) failure.stack = stackFrames(error.stack);
  return failure;
}

/** The frames of a stack trace without its first lines, which repeat the message. */
function stackFrames(stack: string): string {
  return stack
    .split('\n')
    .filter((line) => line.startsWith('    at '))
    .join('\n');
}
