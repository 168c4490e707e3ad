import { Worker, type NativeConnection } from '@temporalio/worker';
import type { ApiActivities } from '../activities/api-activities.js';
import type { StoreActivities } from '../activities/store-activities.js';
import { apiTaskQueue, WORKFLOW_TASK_QUEUE } from '../workflows/ids.js';
import { workflowBundle } from './bundle.js';
import type { AccountRate } from './request-rates.js';

/** Time that activities have to finish after the worker is stopped. Container runtimes must allow a little more. */
const SHUTDOWN_GRACE_TIME = '20 seconds';
export const SHUTDOWN_FORCE_TIME = '25 seconds';
/** The most requests of one account in flight in this process. The queue limits their rate. */
const MAX_REQUESTS_IN_FLIGHT = 20;
const MAX_CACHED_WORKFLOWS = 500;

/** The task queues that a worker process serves: that of the workflows, those of the APIs, or all. */
export type WorkerRole = 'workflows' | 'api' | 'all';

export interface RunWorkersInput {
  /** Left out: `all`. */
  readonly role?: WorkerRole;
  readonly connection: NativeConnection;
  readonly namespace: string;
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
  const apiWorkers = await Promise.all(accounts.map((account) => createApiWorker(input, account)));
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
    workflowBundle: await workflowBundle(),
    activities: input.storeActivities,
    maxCachedWorkflows: MAX_CACHED_WORKFLOWS,
  });
}

function createApiWorker(input: RunWorkersInput, account: AccountRate): Promise<Worker> {
  return Worker.create({
    ...commonOptions(input),
    taskQueue: apiTaskQueue(account.name),
    activities: input.apiActivities,
    maxTaskQueueActivitiesPerSecond: account.requestsPerSecond,
    maxConcurrentActivityTaskExecutions: MAX_REQUESTS_IN_FLIGHT,
  });
}

function commonOptions({ connection, namespace }: RunWorkersInput) {
  return {
    connection,
    namespace,
    shutdownGraceTime: SHUTDOWN_GRACE_TIME,
    shutdownForceTime: SHUTDOWN_FORCE_TIME,
  } as const;
}
