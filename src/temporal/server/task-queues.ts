import type { Client } from '@temporalio/client';
import { optionalTsToDate, optionalTsToMs } from '@temporalio/common/lib/time.js';
import pMap from 'p-map';
import type { WorkerBuild } from '../../settings/deployment.js';
import { apiTaskQueue, WORKFLOW_TASK_QUEUE } from '../../workflows/ids.js';
import { buildOfPoller, distinctBuilds, getsNewWork, routingOf } from './builds.js';

/** The workers that poll a task queue, and the tasks that wait there. */
export interface QueueWorkers {
  readonly taskQueue: string;
  /** Number of processes that have polled within {@link ASKED_LATELY_MS}. */
  readonly pollers: number;
  /** Number of waiting tasks, as the server estimates it. */
  readonly backlog: number;
  /** Seconds that the oldest of them has waited. */
  readonly backlogAgeSeconds: number;
  /** Build ids that the polling processes report, sorted. */
  readonly buildIds: readonly string[];
  /** Number of these processes that are given new work. */
  readonly currentPollers: number;
  /** Builds of polling processes under Worker Versioning that are neither current nor ramping. */
  readonly notCurrent: readonly WorkerBuild[];
}

type DescribeTaskQueueRequest = Parameters<Client['workflowService']['describeTaskQueue']>[0];
type DescribedQueue = Awaited<ReturnType<Client['workflowService']['describeTaskQueue']>>;

/** `TASK_QUEUE_TYPE_WORKFLOW` and `TASK_QUEUE_TYPE_ACTIVITY` of the API, whose enum an ES module cannot import. */
const WORKFLOW_TYPE = queueType(1);
const ACTIVITY_TYPE = queueType(2);

/**
 * The age of the last poll up to which a worker counts as running. A worker polls every minute, or, if all its slots
 * are busy, when the longest request ends. The server remembers pollers for five minutes.
 */
const ASKED_LATELY_MS = 160_000;
const TIMEOUT_MS = 5_000;
const DESCRIBED_AT_ONCE = 20;

/**
 * Returns, by account, the workers of the queues that it needs: that of all accounts, and its own. An account has none
 * if the server does not report them.
 */
export async function queueWorkers(
  client: Client,
  accounts: readonly string[],
  now: Date,
): Promise<ReadonlyMap<string, readonly QueueWorkers[]>> {
  const shared = { taskQueue: WORKFLOW_TASK_QUEUE, types: [WORKFLOW_TYPE, ACTIVITY_TYPE] };
  const ownOf = (account: string) => ({ taskQueue: apiTaskQueue(account), types: [ACTIVITY_TYPE] });
  const [ofAll, ...own] = await pMap(
    [shared, ...accounts.map(ownOf)],
    (queue) => workersOf(client, queue, now).catch(() => null),
    { concurrency: DESCRIBED_AT_ONCE },
  );
  return new Map(
    accounts.map((account, index) => {
      const ofAccount = own[index];
      return [account, ofAll == null || ofAccount == null ? [] : [ofAll, ofAccount]];
    }),
  );
}

/** True if a build is given new work; null if the server does not report it. */
export async function isBuildCurrent(client: Client, build: WorkerBuild): Promise<boolean | null> {
  try {
    const described = await client.withDeadline(Date.now() + TIMEOUT_MS, () =>
      describe(client, { taskQueue: WORKFLOW_TASK_QUEUE, type: WORKFLOW_TYPE }),
    );
    return getsNewWork(build, routingOf(described));
  } catch {
    return null;
  }
}

async function workersOf(
  client: Client,
  { taskQueue, types }: { taskQueue: string; types: readonly ReturnType<typeof queueType>[] },
  now: Date,
): Promise<QueueWorkers> {
  const described = await client.withDeadline(Date.now() + TIMEOUT_MS, () =>
    Promise.all(types.map((type) => describe(client, { taskQueue, type }))),
  );
  const asking = described.flatMap((queue) => {
    const routing = routingOf(queue);
    return queue.pollers
      .filter(({ lastAccessTime }) => askedLately(optionalTsToDate(lastAccessTime), now))
      .map((poller) => ({ poller, isCurrent: getsNewWork(buildOfPoller(poller), routing) }));
  });
  const idle = asking.flatMap(({ poller, isCurrent }) => (isCurrent ? [] : (buildOfPoller(poller) ?? [])));
  const ages = described.map(({ stats }) => optionalTsToMs(stats?.approximateBacklogAge) ?? 0);
  return {
    taskQueue,
    pollers: processesOf(asking),
    backlog: described.reduce((sum, { stats }) => sum + Number(stats?.approximateBacklogCount ?? 0), 0),
    backlogAgeSeconds: Math.round(Math.max(...ages) / 1_000),
    buildIds: [...new Set(asking.map(({ poller }) => buildIdOf(poller)).filter((id) => id !== ''))].sort(),
    currentPollers: processesOf(asking.filter(({ isCurrent }) => isCurrent)),
    notCurrent: distinctBuilds(idle),
  };
}

function describe(
  client: Client,
  { taskQueue, type }: { taskQueue: string; type: ReturnType<typeof queueType> },
): Promise<DescribedQueue> {
  return client.workflowService.describeTaskQueue({
    namespace: client.options.namespace,
    taskQueue: { name: taskQueue },
    ...type,
    reportStats: true,
  });
}

function askedLately(at: Date | undefined, now: Date): boolean {
  return at !== undefined && now.getTime() - at.getTime() <= ASKED_LATELY_MS;
}

function processesOf(asking: readonly { readonly poller: { readonly identity?: string | null } }[]): number {
  return new Set(asking.map(({ poller }) => poller.identity)).size;
}

function buildIdOf(poller: NonNullable<DescribedQueue['pollers']>[number]): string {
  return poller.deploymentOptions?.buildId || (poller.workerVersionCapabilities?.buildId ?? '');
}

function queueType(taskQueueType: number): Pick<DescribeTaskQueueRequest, 'taskQueueType'> {
  return Object.fromEntries([['taskQueueType', taskQueueType]]);
}
