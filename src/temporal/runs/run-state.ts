import {
  WorkflowFailedError,
  WorkflowNotFoundError,
  type Client,
  type WorkflowExecutionInfo,
  type WorkflowHandle,
} from '@temporalio/client';
import {
  ActivityFailure,
  ApplicationFailure,
  ChildWorkflowFailure,
  type QueryDefinition,
  type Workflow,
  type WorkflowResultType,
} from '@temporalio/common';
import { optionalTsToDate } from '@temporalio/common/lib/time.js';
import { everyInterval } from '../../process/every-interval.js';

/** A run that makes no progress, because every attempt of its workflow task fails. */
export interface StuckRun {
  readonly workflowId: string;
  readonly runId: string;
  readonly attempts: number;
  /** The worker's message of the failure. */
  readonly failure: string;
  /** Time of the first failure; null if the history does not show it. */
  readonly since: Date | null;
}

/** Three, because one failure may be a worker that was just replaced. The third attempt starts after ten seconds. */
const STUCK_FROM_ATTEMPT = 3;
const LONGEST_FAILURE = 300;
/** Enough, because only events that arrived since can follow the failure. */
const EVENTS_LOOKED_AT = 50;
const LOOK_EVERY_MS = 2_000;
/** Limit for a query: a running worker answers at once, and the server would wait half a minute for one. */
const ANSWER_EXPECTED_MS = 5_000;

/** Condition of a running workflow, as the server reports it. */
export interface RunState {
  /** Null if the run makes progress. */
  readonly stuck: StuckRun | null;
  /** Last failure of the activity with the most attempts; null if none failed. */
  readonly trouble: string | null;
}

/** Reads the state of a run. */
export async function runState(handle: WorkflowHandle): Promise<RunState> {
  const { workflowId, runId, raw } = await handle.describe();
  const [worst] = [...(raw.pendingActivities ?? [])].sort((a, b) => (b.attempt ?? 0) - (a.attempt ?? 0));
  const trouble = shortened(worst?.lastFailure?.message);
  const attempts = raw.pendingWorkflowTask?.attempt ?? 1;
  if (attempts < STUCK_FROM_ATTEMPT) return { stuck: null, trouble };
  const stuck = { workflowId, runId, attempts, ...(await lastTaskFailure(handle, { workflowId, runId })) };
  return { stuck, trouble };
}

/**
 * Returns the start of a workflow's first run, before it continued as new. If the server no longer has that run, or
 * does not name it, returns the start of the given run.
 */
export async function firstStartOf(
  client: Client,
  { workflowId, runId, startTime }: Pick<WorkflowExecutionInfo, 'workflowId' | 'runId' | 'startTime'>,
): Promise<Date> {
  try {
    const { raw } = await client.workflow.getHandle(workflowId, runId).describe();
    const first = raw.workflowExecutionInfo?.firstRunId ?? '';
    if (first === '' || first === runId) return startTime;
    return (await client.workflow.getHandle(workflowId, first).describe()).startTime;
  } catch (error) {
    if (error instanceof WorkflowNotFoundError) return startTime;
    throw error;
  }
}

/** True if the next step of a run has waited for a worker for at least `forMs`, so that none seems to run. */
export async function waitsForWorker(
  handle: WorkflowHandle,
  { forMs, now }: { forMs: number; now: Date },
): Promise<boolean> {
  const { pendingWorkflowTask: task } = (await handle.describe()).raw;
  const scheduledAt = optionalTsToDate(task?.scheduledTime);
  if (task == null || scheduledAt === undefined || task.startedTime != null) return false;
  return now.getTime() - scheduledAt.getTime() >= forMs;
}

/** Tells an operator what is wrong with a stuck run and what to do. */
export function stuckRunMessage({ workflowId, runId, attempts, failure }: StuckRun): string {
  return (
    `${workflowId} (run ${runId}) makes no progress: its workflow task has failed in ${attempts - 1} attempts: ${failure}. ` +
    'It was probably started by another build of callweave. Run a worker of that build until it has ended, or end it ' +
    `with \`temporal workflow terminate --workflow-id ${workflowId}\`: written data stays, and the next run continues ` +
    'from there.'
  );
}

/** Returns the first of the repeated failures, which is the last in the history because the others are not written. */
async function lastTaskFailure(
  { client: { workflowService, options } }: WorkflowHandle,
  execution: { workflowId: string; runId: string },
): Promise<Pick<StuckRun, 'failure' | 'since'>> {
  const { history } = await workflowService.getWorkflowExecutionHistoryReverse({
    namespace: options.namespace,
    execution,
    maximumPageSize: EVENTS_LOOKED_AT,
  });
  for (const event of history?.events ?? []) {
    const failed = event.workflowTaskFailedEventAttributes;
    if (failed == null && event.workflowTaskTimedOutEventAttributes == null) continue;
    const failure = failed == null ? 'the worker did not answer in time' : shortened(failed.failure?.message);
    return { failure: failure ?? 'the worker did not say why', since: optionalTsToDate(event.eventTime) ?? null };
  }
  return { failure: 'the worker did not say why', since: null };
}

/** Returns the message on one line of at most {@link LONGEST_FAILURE} characters; null if it is empty. */
function shortened(message: string | null | undefined): string | null {
  const line = (message ?? '').replaceAll(/\s+/gu, ' ').trim();
  if (line === '') return null;
  return line.length <= LONGEST_FAILURE ? line : `${line.slice(0, LONGEST_FAILURE)}…`;
}

/** Queries the progress of a workflow; null if no worker answers. */
export async function progressOf<Progress>(
  handle: WorkflowHandle,
  query: QueryDefinition<Progress>,
): Promise<Progress | null> {
  try {
    return await handle.client.withDeadline(Date.now() + ANSWER_EXPECTED_MS, () => handle.query(query));
  } catch {
    return null;
  }
}

/** Waits for a workflow's end and returns the message of its failure; null if it did not fail. */
export async function failureOf(handle: WorkflowHandle): Promise<string | null> {
  try {
    await handle.result();
    return null;
  } catch (error) {
    return failureMessage(error);
  }
}

/** Returns the message of the activity that failed a workflow, instead of Temporal's "Workflow execution failed". */
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

/**
 * Waits for the result of a run. Until the signal aborts, it also checks whether the run makes progress.
 * @throws the failure of the run, or an error that says what to do if the run makes no progress
 */
export async function resultUnlessStuck<W extends Workflow>(
  handle: WorkflowHandle<W>,
  signal: AbortSignal,
): Promise<WorkflowResultType<W>> {
  const settled = new AbortController();
  const result = handle.result().finally(() => {
    settled.abort();
  });
  const looks = everyInterval({ pauseMs: LOOK_EVERY_MS, signal: AbortSignal.any([signal, settled.signal]) }, () =>
    throwIfStuck(handle),
  );
  return Promise.race([result, looks.then(() => result)]);
}

/** Checks a run. @throws an error that says what is wrong and what to do, if it makes no progress */
export async function throwIfStuck(handle: WorkflowHandle): Promise<void> {
  const reason = await whyStuck(handle);
  if (reason !== null) throw new Error(reason);
}

/** Tells an operator what is wrong with a run that makes no progress and what to do; null for any other run. */
export async function whyStuck(handle: WorkflowHandle): Promise<string | null> {
  // An error of this check is ignored: the next check, or the result of the run, will show it.
  const state = await runState(handle).catch(() => null);
  return state?.stuck == null ? null : stuckRunMessage(state.stuck);
}
