import { isGrpcServiceError } from '@temporalio/client';
import type { Logger, NativeConnection } from '@temporalio/worker';
import { apiTaskQueue } from '../workflows/ids.js';

type UpdateTaskQueueConfig = Parameters<NativeConnection['workflowService']['updateTaskQueueConfig']>[0];

/** `TASK_QUEUE_TYPE_ACTIVITY` of the API, whose enum an ES module cannot import. */
const ACTIVITY_QUEUE: Pick<UpdateTaskQueueConfig, 'taskQueueType'> = Object.fromEntries([['taskQueueType', 2]]);
const TIMEOUT_MS = 5_000;
/** `UNIMPLEMENTED` and `PERMISSION_DENIED` of gRPC: asking again would be answered the same. */
const REFUSALS: ReadonlySet<number> = new Set([12, 7]);

export interface QueueRate {
  readonly account: string;
  /** Requests per second. */
  readonly rate: number;
}

export interface QueueRatesInput {
  readonly connection: Pick<NativeConnection, 'workflowService' | 'withDeadline'>;
  readonly namespace: string;
  readonly logger: Logger;
}

/**
 * Sets the rate limits of the accounts' API queues, for all their workers; one overrides what the workers themselves
 * ask for. A server that refuses leaves it at that, which is said once. Another failure is logged, and the limit is set
 * when it is asked for again. What this process set last is not set again; the changes of an account are made in order.
 */
export function createQueueRates(input: QueueRatesInput): (change: QueueRate) => Promise<void> {
  const lastSet = new Map<string, number>();
  const pending = new Map<string, Promise<void>>();
  let isRefused = false;

  async function set({ account, rate }: QueueRate): Promise<void> {
    if (isRefused || lastSet.get(account) === rate) return;
    try {
      await update(input, { account, rate });
      lastSet.set(account, rate);
    } catch (error) {
      if (!isGrpcServiceError(error) || !REFUSALS.has(error.code)) {
        input.logger.warn('The rate limit of a task queue could not be set', { account, rate, error });
        return;
      }
      leaveItAt(error.details);
    }
  }

  function leaveItAt(reason: string): void {
    if (isRefused) return;
    isRefused = true;
    input.logger.warn(
      'Temporal does not let the rate limits of task queues be set: the rates of the settings hold, and do not adapt',
      { reason },
    );
  }

  return (change) => {
    const turn = (pending.get(change.account) ?? Promise.resolve()).then(() => set(change));
    pending.set(change.account, turn);
    return turn;
  };
}

async function update(
  { connection, namespace }: QueueRatesInput,
  { account, rate: requestsPerSecond }: QueueRate,
): Promise<void> {
  await connection.withDeadline(Date.now() + TIMEOUT_MS, () =>
    connection.workflowService.updateTaskQueueConfig({
      namespace,
      identity: 'callweave',
      taskQueue: apiTaskQueue(account),
      ...ACTIVITY_QUEUE,
      updateQueueRateLimit: { rateLimit: { requestsPerSecond }, reason: 'the rate callweave has found to be allowed' },
    }),
  );
}
