import { ApplicationFailure, CancelledFailure, TemporalFailure } from '@temporalio/common';
import { takeSecretsOut } from '../process/secrets.js';
import { StoreError } from '../store/errors.js';
import type { ActivityDependencies } from './dependencies.js';

/** Activities by name, as their files export them: each takes the dependencies, then its input if it has one. */
type Activities = Readonly<Record<string, (deps: ActivityDependencies, input: never) => Promise<unknown>>>;

type InputOf<Activity> = Activity extends (deps: ActivityDependencies, ...input: infer Input) => unknown
  ? Input
  : never;

/** Activities as Temporal calls them: each takes its input only. */
export type BoundActivities<A extends Activities> = {
  readonly [Name in keyof A]: (...input: InputOf<A[Name]>) => ReturnType<A[Name]>;
};

/** Binds activities to their dependencies, and converts the errors they throw by {@link withFailures}. */
export function bindActivities<A extends Activities>(deps: ActivityDependencies, activities: A): BoundActivities<A> {
  const bound = Object.entries(activities).map(([name, activity]) => [
    name,
    (input: never) => withFailures(name, () => activity(deps, input)),
  ]);
  return Object.fromEntries(bound) as BoundActivities<A>;
}

/**
 * Runs one activity and converts its errors, because Temporal shows and stores them. Our own messages stay: they hold
 * no personal data, and secrets are removed. An unexpected error keeps only its name and stack frames: its message may
 * quote data.
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

/** Returns the frames of a stack trace, without the message before them. */
function stackFrames(stack: string): string {
  return stack
    .split('\n')
    .filter((line) => line.startsWith('    at '))
    .join('\n');
}
