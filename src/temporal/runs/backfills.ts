import {
  WorkflowNotFoundError,
  WorkflowUpdateFailedError,
  WorkflowUpdateRPCTimeoutOrCancelledError,
  type Client,
  type WorkflowExecutionInfo,
  type WorkflowHandle,
} from '@temporalio/client';
import type { backfill } from '../../workflows/backfill/backfill.js';
import {
  backfillProgressQuery,
  type BackfillOptions,
  type BackfillProgress,
  type BackfillResult,
  type BackfillState,
  cancelUpdate,
  pauseUpdate,
  resumeUpdate,
  setParallelUpdate,
  type Steered,
} from '../../workflows/backfill/backfill-progress.js';
import {
  backfillWorkflowId,
  daysText,
  estimateWorkflowId,
  searchAttributesOf,
  WORKFLOW_TASK_QUEUE,
} from '../../workflows/ids.js';
import { startOrAttach, type Started } from './account-workflows.js';
import { failureOf, progressOf, failureMessage, throwIfStuck, whyStuck } from './run-state.js';
import { listWorkflows } from './lists.js';
import type { Days } from '../../domain/days/days.js';
import type { estimateBackfill } from '../../workflows/backfill/estimate-backfill.js';

export type BackfillHandle = WorkflowHandle<typeof backfill>;

export interface StartedBackfill extends Started<typeof backfill> {
  /** Those of the one that runs, where this start attached to it. */
  readonly options: BackfillOptions;
}

/** A backfill that runs or has ended. */
export interface Backfill {
  readonly workflowId: string;
  readonly options: BackfillOptions;
  readonly state: BackfillState | BackfillResult['state'] | 'failed';
  readonly startedAt: Date;
  readonly closedAt: Date | null;
  /** Of one that runs; null where no worker answers. */
  readonly progress: BackfillProgress | null;
  /** Of one that has ended, unless it failed. */
  readonly result: BackfillResult | null;
  /** What the person needs to know of a failed one, or of one that makes no progress. */
  readonly failure: string | null;
}

/** A worker that runs answers at once; without one the update would wait for it. */
const UPDATE_DEADLINE_MS = 10_000;

/** Starts the backfill, or attaches to the one of the same account and range that runs, with its own options. */
export async function startBackfill(client: Client, options: BackfillOptions): Promise<StartedBackfill> {
  const { account } = options;
  const started = await startOrAttach<typeof backfill>(client, 'backfill', {
    args: [options],
    workflowId: backfillWorkflowId(options),
    taskQueue: WORKFLOW_TASK_QUEUE,
    typedSearchAttributes: searchAttributesOf({ account, mode: 'backfill' }),
    staticSummary: `Backfill: ${account}, ${daysText(options)}`,
    memo: { options },
  });
  if (!started.attached) return { ...started, options };
  const { memo } = await started.handle.describe();
  return { ...started, options: optionsOf(memo) ?? options };
}

/** The backfills the server knows of, the one started last first; of all accounts where none is given. */
export async function listBackfills(client: Client, account?: string): Promise<Backfill[]> {
  const ofAccount = account === undefined ? '' : ` AND CallweaveAccount = '${account}'`;
  const query = `WorkflowType = 'backfill' AND ExecutionStatus != 'ContinuedAsNew'${ofAccount}`;
  const backfills: Backfill[] = [];
  for await (const info of listWorkflows(client, { query, pageSize: LISTED })) {
    const found = await toBackfill(client, info);
    if (found !== null) backfills.push(found);
    if (backfills.length === LISTED) break;
  }
  return backfills;
}

const LISTED = 20;

/** The latest backfill with that id; null where the server knows of none. */
export async function describeBackfill(client: Client, workflowId: string): Promise<Backfill | null> {
  try {
    return await toBackfill(client, await client.workflow.getHandle(workflowId).describe());
  } catch (error) {
    if (error instanceof WorkflowNotFoundError) return null;
    throw error;
  }
}

/** No page is asked for afterwards, once those under way are written. */
export function pauseBackfill(client: Client, workflowId: string): Promise<Steered> {
  return steer({ client, workflowId, ask: (handle) => handle.executeUpdate(pauseUpdate) });
}

export function resumeBackfill(client: Client, workflowId: string): Promise<Steered> {
  return steer({ client, workflowId, ask: (handle) => handle.executeUpdate(resumeUpdate) });
}

/** So many windows are drained at once from now on; where more run, those go on to their end. */
export function setBackfillParallel(client: Client, workflowId: string, parallel: number): Promise<Steered> {
  return steer({
    client,
    workflowId,
    ask: (handle) => handle.executeUpdate(setParallelUpdate, { args: [parallel] }),
  });
}

/** Its windows are cancelled, and it ends when they have ended. What is written stays. */
export function cancelBackfill(client: Client, workflowId: string): Promise<Steered> {
  return steer({ client, workflowId, ask: (handle) => handle.executeUpdate(cancelUpdate) });
}

/** @throws an error that says why a backfill cannot be steered so, in words for a person */
async function steer(input: {
  client: Client;
  workflowId: string;
  ask: (handle: WorkflowHandle) => Promise<Steered>;
}): Promise<Steered> {
  const { client, workflowId, ask } = input;
  const handle = client.workflow.getHandle(workflowId);
  try {
    return await client.withDeadline(Date.now() + UPDATE_DEADLINE_MS, () => ask(handle));
  } catch (error) {
    await throwIfStuck(handle);
    throw new Error(`${workflowId}: ${steeringTrouble(error)}`, { cause: error });
  }
}

function steeringTrouble(error: unknown): string {
  if (error instanceof WorkflowNotFoundError) {
    return 'no backfill of this id is running; `callweave backfill list` shows them';
  }
  if (error instanceof WorkflowUpdateRPCTimeoutOrCancelledError) {
    return `no worker answered within ${UPDATE_DEADLINE_MS / 1_000} seconds; is one running?`;
  }
  return error instanceof WorkflowUpdateFailedError ? failureMessage(error.cause) : failureMessage(error);
}

/** Null for a workflow that was not started as a backfill is. */
async function toBackfill(client: Client, info: Omit<WorkflowExecutionInfo, 'raw'>): Promise<Backfill | null> {
  const { workflowId, runId, startTime, closeTime, memo, status } = info;
  const options = optionsOf(memo);
  if (options === null) return null;
  const handle: BackfillHandle = client.workflow.getHandle<typeof backfill>(workflowId, runId);
  const backfilled = { workflowId, options, startedAt: startTime, closedAt: closeTime ?? null };
  switch (status.name) {
    case 'RUNNING': {
      const progress = await progressOf(handle, backfillProgressQuery);
      const failure = progress === null ? await whyStuck(handle) : null;
      return { ...backfilled, ...nothingYet, state: progress?.state ?? 'running', progress, failure };
    }
    case 'COMPLETED': {
      const result = await handle.result();
      return { ...backfilled, ...nothingYet, state: result.state, result };
    }
    case 'CANCELLED':
      return { ...backfilled, ...nothingYet, state: 'cancelled' };
    default:
      return { ...backfilled, ...nothingYet, state: 'failed', failure: await failureOf(handle) };
  }
}

const nothingYet = { progress: null, result: null, failure: null };

function optionsOf(memo: Record<string, unknown> | undefined): BackfillOptions | null {
  return (memo?.['options'] as BackfillOptions | undefined) ?? null;
}

/**
 * Starts asking the source for one page of each of the probed days, which are some of the days. A run for the same days
 * that has not ended is terminated, because it may probe others.
 */
export function startEstimate(
  client: Client,
  { account, days, probed }: { account: string; days: Days; probed: readonly string[] },
): Promise<WorkflowHandle<typeof estimateBackfill>> {
  return client.workflow.start<typeof estimateBackfill>('estimateBackfill', {
    args: [{ account, days: probed }],
    workflowId: estimateWorkflowId({ account, ...days }),
    workflowIdConflictPolicy: 'TERMINATE_EXISTING',
    taskQueue: WORKFLOW_TASK_QUEUE,
    typedSearchAttributes: searchAttributesOf({ account, mode: 'backfill' }),
    staticSummary: `Backfill estimate: ${account}, ${daysText(days)}`,
  });
}
