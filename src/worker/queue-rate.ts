import { isGrpcServiceError } from '@temporalio/client';
import type { Logger, NativeConnection } from '@temporalio/worker';
import { apiTaskQueue } from '../workflows/ids.js';

type UpdateTaskQueueConfig = Parameters<NativeConnection['workflowService']['updateTaskQueueConfig']>[0];

/** `TASK_QUEUE_TYPE_ACTIVITY` of the API, whose enum an ES module cannot import. */
const ACTIVITY_QUEUE: Pick<UpdateTaskQueueConfig, 'taskQueueType'> = Object.fromEntries([['taskQueueType', 2]]);
const TIMEOUT_MS = 5_000;
/** `UNIMPLEMENTED` and `PERMISSION_DENIED` of gRPC, which a retry would not change. */
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
 * Returns a function that sets the rate limit of an account's API queue on the server, which overrides the limit of
 * each worker. A refusal is logged once, and no more limits are set. Any other failure is logged, and the next call
 * tries again. A limit this process has set is not set again; changes of an account are made in order.
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
        input.logger.warn('Cannot set the rate limit of a task queue', { account, rate, error });
        return;
      }
      leaveItAt(error.details);
    }
  }

  function leaveItAt(reason: string): void {
    if (isRefused) return;
    isRefused = true;
    input.logger.warn(
      'Temporal refuses rate limits of task queues: the rates of the settings apply and do not adapt to 429 answers',
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
      updateQueueRateLimit: {
        rateLimit: { requestsPerSecond },
        reason: 'the rate that callweave found the API to allow',
      },
    }),
  );
}
