import { isGrpcServiceError, type Client } from '@temporalio/client';
import type { NativeConnection } from '@temporalio/worker';

type UpdateTaskQueueConfig = Parameters<NativeConnection['workflowService']['updateTaskQueueConfig']>[0];

/** `TASK_QUEUE_TYPE_ACTIVITY` of the API, whose enum an ES module cannot import. */
const ACTIVITY_QUEUE: Pick<UpdateTaskQueueConfig, 'taskQueueType'> = Object.fromEntries([['taskQueueType', 2]]);
const TIMEOUT_MS = 5_000;
/** `UNIMPLEMENTED` and `PERMISSION_DENIED` of gRPC, which a retry would not change. */
const REFUSALS: ReadonlySet<number> = new Set([12, 7]);

/** A task queue whose limit no worker uses. */
const TRIAL_QUEUE = 'callweave-check';

interface QueueLimit {
  readonly connection: Pick<NativeConnection, 'workflowService' | 'withDeadline'>;
  readonly namespace: string;
  readonly taskQueue: string;
  /** Null removes the limit. */
  readonly requestsPerSecond: number | null;
  readonly reason: string;
}

/** Sets the rate limit of a queue's activities on the server, which overrides the limit of each worker. */
export async function setQueueLimit(limit: QueueLimit): Promise<void> {
  const { connection, namespace, taskQueue, requestsPerSecond, reason } = limit;
  await connection.withDeadline(Date.now() + TIMEOUT_MS, () =>
    connection.workflowService.updateTaskQueueConfig({
      namespace,
      identity: 'callweave',
      taskQueue,
      ...ACTIVITY_QUEUE,
      updateQueueRateLimit: { ...(requestsPerSecond !== null && { rateLimit: { requestsPerSecond } }), reason },
    }),
  );
}

/** Returns the server's reason if it does not let callweave set limits; null for any other error. */
export function limitRefusal(error: unknown): string | null {
  return isGrpcServiceError(error) && REFUSALS.has(error.code) ? error.details : null;
}

/** Sets a limit on a queue that nothing uses, and removes it again. @throws the server's error */
export async function tryQueueLimit({ connection, options: { namespace } }: Client): Promise<void> {
  const trial = { connection, namespace, taskQueue: TRIAL_QUEUE, reason: 'a trial by callweave check' };
  try {
    await setQueueLimit({ ...trial, requestsPerSecond: 1 });
  } catch (error) {
    // Nothing was set if the server refused it. After any other failure, it may have been.
    if (limitRefusal(error) === null) await setQueueLimit({ ...trial, requestsPerSecond: null }).catch(() => undefined);
    throw error;
  }
  await setQueueLimit({ ...trial, requestsPerSecond: null });
}

/** Returns the number of partitions of a queue for activities; null if the server does not report it. */
export async function partitionsOf({ connection, options }: Client, taskQueue: string): Promise<number | null> {
  const { activityTaskQueuePartitions: partitions } = await connection.workflowService.listTaskQueuePartitions({
    namespace: options.namespace,
    taskQueue: { name: taskQueue },
  });
  return partitions.length === 0 ? null : partitions.length;
}
