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
import { failureOf, firstStartOf, progressOf, failureMessage, throwIfStuck, whyStuck } from './run-state.js';
import { listWorkflows, ofAccount } from './lists.js';
import type { Days } from '../../domain/days/days.js';
import type { estimateBackfill } from '../../workflows/backfill/estimate-backfill.js';

export type BackfillHandle = WorkflowHandle<typeof backfill>;

export interface StartedBackfill extends Started<typeof backfill> {
  /** The options of the running backfill if this start attached to one. */
  readonly options: BackfillOptions;
}

/** A running or ended backfill. */
export interface Backfill {
  readonly workflowId: string;
  readonly options: BackfillOptions;
  readonly state: BackfillState | BackfillResult['state'] | 'failed';
  /** Start of its first run, if the server still has that run. */
  readonly startedAt: Date;
  readonly closedAt: Date | null;
  /** Progress of a running backfill; null if it has ended or no worker answers. */
  readonly progress: BackfillProgress | null;
  /** Result of a completed backfill, else null. */
  readonly result: BackfillResult | null;
  /** Reason of a failed backfill, or of one that makes no progress, for an operator. */
  readonly failure: string | null;
}

/** Limit for an update: a running worker answers at once, and without one the update would wait for it. */
const UPDATE_DEADLINE_MS = 10_000;

/** Starts the backfill, or attaches to the running one of the same account and days, which keeps its options. */
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

/** Lists up to 20 backfills, the one started last first, of all accounts if none is given. */
export async function listBackfills(client: Client, account?: string): Promise<Backfill[]> {
  const condition = account === undefined ? '' : ` AND ${ofAccount(account)}`;
  const query = `WorkflowType = 'backfill' AND ExecutionStatus != 'ContinuedAsNew'${condition}`;
  const backfills: Backfill[] = [];
  for await (const info of listWorkflows(client, { query, pageSize: LISTED })) {
    const found = await toBackfill(client, info);
    if (found !== null) backfills.push(found);
    if (backfills.length === LISTED) break;
  }
  // The server has put them in the order of their last runs.
  return backfills.toSorted((a, b) => b.startedAt.getTime() - a.startedAt.getTime());
}

/** Lists the running backfills of all accounts, paused ones too. */
export async function runningBackfills(client: Client): Promise<Backfill[]> {
  const backfills: Backfill[] = [];
  for await (const info of listWorkflows(client, {
    query: "WorkflowType = 'backfill' AND ExecutionStatus = 'Running'",
  })) {
    const found = await toBackfill(client, info);
    if (found !== null) backfills.push(found);
  }
  return backfills;
}

/** Number of backfills of an account, or of all, that are looked at. */
export const LISTED = 20;

/** Returns the latest backfill with this id; null if the server has none. */
export async function describeBackfill(client: Client, workflowId: string): Promise<Backfill | null> {
  try {
    return await toBackfill(client, await client.workflow.getHandle(workflowId).describe());
  } catch (error) {
    if (error instanceof WorkflowNotFoundError) return null;
    throw error;
  }
}

/** Pauses a backfill: pages under way are written, and no more are requested. */
export function pauseBackfill(client: Client, workflowId: string): Promise<Steered> {
  return steer({ client, workflowId, ask: (handle) => handle.executeUpdate(pauseUpdate) });
}

export function resumeBackfill(client: Client, workflowId: string): Promise<Steered> {
  return steer({ client, workflowId, ask: (handle) => handle.executeUpdate(resumeUpdate) });
}

/** Sets how many windows are drained at once. If more are running, they continue to their end. */
export function setBackfillParallel(client: Client, workflowId: string, parallel: number): Promise<Steered> {
  return steer({
    client,
    workflowId,
    ask: (handle) => handle.executeUpdate(setParallelUpdate, { args: [parallel] }),
  });
}

/** Cancels a backfill and its windows; it ends when they have ended. Written rows stay. */
export function cancelBackfill(client: Client, workflowId: string): Promise<Steered> {
  return steer({ client, workflowId, ask: (handle) => handle.executeUpdate(cancelUpdate) });
}

/** Sends an update to a backfill. @throws an error that tells the operator why the backfill did not take it */
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
    return 'no backfill with this id is running; `callweave backfill list` shows all backfills';
  }
  if (error instanceof WorkflowUpdateRPCTimeoutOrCancelledError) {
    return `no worker answered within ${UPDATE_DEADLINE_MS / 1_000} seconds; is one running?`;
  }
  return error instanceof WorkflowUpdateFailedError ? failureMessage(error.cause) : failureMessage(error);
}

/**
 * Returns null for a workflow that callweave did not start as a backfill. `isAnswered` is false if no worker would
 * answer a query for the progress.
 */
export async function toBackfill(
  client: Client,
  info: Omit<WorkflowExecutionInfo, 'raw'>,
  isAnswered = true,
): Promise<Backfill | null> {
  const { workflowId, runId, closeTime, memo, status } = info;
  const options = optionsOf(memo);
  if (options === null) return null;
  const handle: BackfillHandle = client.workflow.getHandle<typeof backfill>(workflowId, runId);
  const [startedAt, outcome] = await Promise.all([
    firstStartOf(client, info),
    outcomeOf({ handle, status: status.name, isAnswered }),
  ]);
  return { workflowId, options, startedAt, closedAt: closeTime ?? null, ...outcome };
}

async function outcomeOf(run: {
  handle: BackfillHandle;
  status: WorkflowExecutionInfo['status']['name'];
  isAnswered: boolean;
}): Promise<Pick<Backfill, 'state' | 'progress' | 'result' | 'failure'>> {
  const { handle, status, isAnswered } = run;
  switch (status) {
    case 'RUNNING': {
      const progress = isAnswered ? await progressOf(handle, backfillProgressQuery) : null;
      const failure = progress === null ? await whyStuck(handle) : null;
      return { ...nothingYet, state: progress?.state ?? 'running', progress, failure };
    }
    case 'COMPLETED': {
      const result = await handle.result();
      return { ...nothingYet, state: result.state, result };
    }
    case 'CANCELLED':
      return { ...nothingYet, state: 'cancelled' };
    default:
      return { ...nothingYet, state: 'failed', failure: await failureOf(handle) };
  }
}

const nothingYet = { progress: null, result: null, failure: null };

/** Returns the options of a backfill from its memo; null for a workflow that is none. */
export function optionsOf(memo: Record<string, unknown> | undefined): BackfillOptions | null {
  return (memo?.['options'] as BackfillOptions | undefined) ?? null;
}

/**
 * Starts a run that requests one page of each probed day, a sample of the days. A running estimate of the same days is
 * terminated, because it may probe other days.
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
