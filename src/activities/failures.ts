import { ApplicationFailure, CancelledFailure, TemporalFailure } from '@temporalio/common';
import { takeSecretsOut } from '../process/secrets.js';
import { StoreError } from '../store/errors.js';
import type { ActivityDependencies } from './dependencies.js';

/** Activities by their names, as they are written: each takes the dependencies, then its input. */
type Activities = Readonly<Record<string, (deps: ActivityDependencies, input: never) => Promise<unknown>>>;

/** Activities as Temporal calls them: with their input alone. */
export type BoundActivities<A extends Activities> = {
  readonly [Name in keyof A]: (input: Parameters<A[Name]>[1]) => ReturnType<A[Name]>;
};

/** Gives activities their dependencies, and their errors the form Temporal shows and stores. */
export function bindActivities<A extends Activities>(deps: ActivityDependencies, activities: A): BoundActivities<A> {
  const bound = Object.entries(activities).map(([name, activity]) => [
    name,
    (input: never) => withFailures(name, () => activity(deps, input)),
  ]);
  return Object.fromEntries(bound) as BoundActivities<A>;
}

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
