import { Worker, type NativeConnection, type WorkflowBundleOption } from '@temporalio/worker';
import type { ApiActivities } from '../activities/api-activities.js';
import type { StoreActivities } from '../activities/store-activities.js';
import { apiTaskQueue, WORKFLOW_TASK_QUEUE } from '../workflows/ids.js';
import { workflowBundle } from './bundle.js';
import type { WorkerBuild } from '../settings/deployment.js';
import type { AccountRate } from './request-rates.js';

/** Time that activities have to finish after the worker is stopped. Container runtimes must allow a little more. */
const SHUTDOWN_GRACE_TIME = '20 seconds';
export const SHUTDOWN_FORCE_TIME = '25 seconds';
/** The most requests of one account in flight in this process. The queue limits their rate. */
const MAX_REQUESTS_IN_FLIGHT = 20;
const MAX_CACHED_WORKFLOWS = 500;
/**
 * The most polls of one account's queue that wait in this process, which is the SDK's own number, and of all accounts
 * together: by default, a frontend of the server holds at most 1,200 of a namespace, from all processes.
 */
const MAX_POLLS_OF_ACCOUNT = 10;
const MAX_POLLS = 400;

/** The task queues that a worker process serves: that of the workflows, those of the APIs, or all. */
export type WorkerRole = 'workflows' | 'api' | 'all';

export interface RunWorkersInput {
  /** Left out: `all`. */
  readonly role?: WorkerRole;
  readonly connection: NativeConnection;
  readonly namespace: string;
  /** The build of this process under Worker Versioning. Null or left out: without it. */
  readonly deployment?: WorkerBuild | null;
  /** Left out: the workflow code of this build. */
  readonly workflowBundle?: WorkflowBundleOption;
  readonly storeActivities: StoreActivities;
  readonly apiActivities: ApiActivities;
  /** The accounts whose API queues this process serves, unless its role is `workflows`. */
  readonly accounts: readonly AccountRate[];
  /** Aborting it shuts the workers down gracefully. */
  readonly signal: AbortSignal;
  readonly onRunning?: (workers: readonly Worker[]) => void;
}

/**
 * Runs one worker for the workflows and one for each account's API queue, as the role says, until the signal aborts or
 * one of them fails, which stops the others. All activities are finished or handed back when this returns.
 */
export async function runWorkers(input: RunWorkersInput): Promise<void> {
  const { role = 'all' } = input;
  const accounts = role === 'workflows' ? [] : input.accounts;
  const polls = Math.max(1, Math.min(MAX_POLLS_OF_ACCOUNT, Math.floor(MAX_POLLS / accounts.length)));
  const apiWorkers = await Promise.all(accounts.map((account) => createApiWorker(input, { ...account, polls })));
  // Created last: if another worker cannot be created, the thread of this one would keep the process from ending.
  const workers = role === 'api' ? apiWorkers : [await createWorkflowWorker(input), ...apiWorkers];
  const shutdown = (): void => {
    for (const worker of workers) if (worker.getState() === 'RUNNING') worker.shutdown();
  };
  const runs = workers.map((worker) => worker.run().finally(shutdown));
  input.signal.addEventListener('abort', shutdown);
  if (input.signal.aborted) shutdown();
  input.onRunning?.(workers);
  try {
    await Promise.all(runs);
  } finally {
    await Promise.allSettled(runs);
    input.signal.removeEventListener('abort', shutdown);
  }
}

async function createWorkflowWorker(input: RunWorkersInput): Promise<Worker> {
  return Worker.create({
    ...commonOptions(input),
    taskQueue: WORKFLOW_TASK_QUEUE,
    workflowBundle: input.workflowBundle ?? (await workflowBundle()),
    activities: input.storeActivities,
    maxCachedWorkflows: MAX_CACHED_WORKFLOWS,
  });
}

function createApiWorker(input: RunWorkersInput, account: AccountRate & { readonly polls: number }): Promise<Worker> {
  return Worker.create({
    ...commonOptions(input),
    taskQueue: apiTaskQueue(account.name),
    activities: input.apiActivities,
    maxTaskQueueActivitiesPerSecond: account.requestsPerSecond,
    maxConcurrentActivityTaskExecutions: MAX_REQUESTS_IN_FLIGHT,
    activityTaskPollerBehavior: { type: 'simple-maximum', maximum: account.polls },
  });
}

function commonOptions({ connection, namespace, deployment = null }: RunWorkersInput) {
  return {
    connection,
    namespace,
    // Also for the API queues: requests of a run go to workers of its own build.
    ...(deployment !== null && { workerDeploymentOptions: pinnedTo(deployment) }),
    shutdownGraceTime: SHUTDOWN_GRACE_TIME,
    shutdownForceTime: SHUTDOWN_FORCE_TIME,
  } as const;
}

/** Returns options by which each run stays on the build that it began on, until it continues as new. */
function pinnedTo(version: WorkerBuild) {
  return { version, useWorkerVersioning: true, defaultVersioningBehavior: 'PINNED' } as const;
}
