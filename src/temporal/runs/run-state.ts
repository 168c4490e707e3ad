import { WorkflowFailedError, type Client, type WorkflowHandle } from '@temporalio/client';
import {
  WorkflowNotFoundError,
  ActivityFailure,
  ApplicationFailure,
  ChildWorkflowFailure,
  type QueryDefinition,
  type Workflow,
  type WorkflowResultType,
} from '@temporalio/common';
import { optionalTsToDate } from '@temporalio/common/lib/time.js';
import { listWorkflows } from './lists.js';
import { everyInterval } from '../../process/every-interval.js';

/** A run that makes no progress: each attempt of its workflow task fails, so that its code never gets further. */
export interface StuckRun {
  readonly workflowId: string;
  readonly runId: string;
  readonly attempts: number;
  /** What fails it, in the words of the worker. */
  readonly failure: string;
  /** When it failed first; null where its history does not tell. */
  readonly since: Date | null;
}

/** One failure may be a worker that was just replaced. The third attempt begins some ten seconds after the first. */
const STUCK_FROM_ATTEMPT = 3;
const LONGEST_FAILURE = 300;
/** The failure is the last event, or followed by a few that arrived since. */
const EVENTS_LOOKED_AT = 50;
/** Described at most; more of them are stuck for the same reason. */
const MOST_DESCRIBED = 50;
/** Transcripts run by the dozen and for seconds only. */
const SHORT_RUN_MS = 60_000;

const LOOK_EVERY_MS = 2_000;
/** A worker that runs answers at once; the server waits half a minute for one. */
const ANSWER_EXPECTED_MS = 5_000;

/** Null for a run that goes on or has ended. */
async function stuckRun(handle: WorkflowHandle): Promise<StuckRun | null> {
  const { workflowId, runId, raw } = await handle.describe();
  const attempts = raw.pendingWorkflowTask?.attempt ?? 1;
  if (attempts < STUCK_FROM_ATTEMPT) return null;
  return { workflowId, runId, attempts, ...(await lastTaskFailure(handle, { workflowId, runId })) };
}

/** The runs of an account that make no progress. */
export async function stuckRuns(client: Client, account: string, now: Date): Promise<StuckRun[]> {
  const longAgo = new Date(now.getTime() - SHORT_RUN_MS).toISOString();
  const query =
    `CallweaveAccount = '${account}' AND ExecutionStatus = 'Running' ` +
    `AND (WorkflowType != 'transcript' OR StartTime < '${longAgo}')`;
  const handles: WorkflowHandle[] = [];
  for await (const { workflowId, runId } of listWorkflows(client, { query, pageSize: MOST_DESCRIBED })) {
    if (handles.push(client.workflow.getHandle(workflowId, runId)) === MOST_DESCRIBED) break;
  }
  const found = await Promise.all(handles.map(unlessGone));
  return found.filter((run) => run !== null).sort((a, b) => (a.workflowId < b.workflowId ? -1 : 1));
}

/**
 * What keeps a run's activities from their end: the last failure of the one tried most often; null where none failed.
 */
export async function activityTrouble(handle: WorkflowHandle): Promise<string | null> {
  const { pendingActivities } = (await handle.describe()).raw;
  const [worst] = [...(pendingActivities ?? [])].sort((a, b) => (b.attempt ?? 0) - (a.attempt ?? 0));
  return shortened(worst?.lastFailure?.message);
}

/** Whether the next step of a run has waited so long for a worker that none seems to be there. */
export async function waitsForWorker(
  handle: WorkflowHandle,
  { forMs, now }: { forMs: number; now: Date },
): Promise<boolean> {
  const { pendingWorkflowTask: task } = (await handle.describe()).raw;
  const scheduledAt = optionalTsToDate(task?.scheduledTime);
  if (task == null || scheduledAt === undefined || task.startedTime != null) return false;
  return now.getTime() - scheduledAt.getTime() >= forMs;
}

/** What is wrong with a stuck run and what to do, for a person. */
export function stuckRunMessage({ workflowId, runId, attempts, failure }: StuckRun): string {
  return (
    `${workflowId} (run ${runId}) makes no progress: its workflow task has failed in ${attempts - 1} attempts: ${failure}. ` +
    'It was probably started by another build of callweave. Run a worker of that build until it has ended, or end it ' +
    `with \`temporal workflow terminate --workflow-id ${workflowId}\`: what is written stays, and the next run goes on ` +
    'from there.'
  );
}

async function unlessGone(handle: WorkflowHandle): Promise<StuckRun | null> {
  try {
    return await stuckRun(handle);
  } catch (error) {
    // It has ended since it was listed.
    if (error instanceof WorkflowNotFoundError) return null;
    throw error;
  }
}

/** Repeated failures are not written to the history: the last one there is the first of them. */
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

/** On one line; null where there is nothing. */
function shortened(message: string | null | undefined): string | null {
  const line = (message ?? '').replaceAll(/\s+/gu, ' ').trim();
  if (line === '') return null;
  return line.length <= LONGEST_FAILURE ? line : `${line.slice(0, LONGEST_FAILURE)}…`;
}

/** How far a workflow has come, as its progress query answers; null where no worker answers. */
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

/** What failed a workflow, in words for a person; null where it did not fail. */
export async function failureOf(handle: WorkflowHandle): Promise<string | null> {
  try {
    await handle.result();
    return null;
  } catch (error) {
    return failureMessage(error);
  }
}

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

/**
 * The result of a run. Throws what failed it, or, once the run turns out to make no progress, what to do about that: it
 * would be waited for in vain. After the signal has aborted nobody looks any more.
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

/** @throws an error that says what is wrong with a run that makes no progress, and what to do */
export async function throwIfStuck(handle: WorkflowHandle): Promise<void> {
  const reason = await whyStuck(handle);
  if (reason !== null) throw new Error(reason);
}

/** What is wrong with a run that makes no progress, and what to do; null for any other run. */
export async function whyStuck(handle: WorkflowHandle): Promise<string | null> {
  // What cannot be told now is told by the next look, or by the result.
  const stuck = await stuckRun(handle).catch(() => null);
  return stuck === null ? null : stuckRunMessage(stuck);
}
