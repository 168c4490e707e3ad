import type { Logger, NativeConnection } from '@temporalio/worker';
import { limitRefusal, setQueueLimit } from '../temporal/server/queue-limit.js';
import { apiTaskQueue } from '../workflows/ids.js';

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
      const reason = 'the rate that callweave found the API to allow';
      await setQueueLimit({ ...input, taskQueue: apiTaskQueue(account), requestsPerSecond: rate, reason });
      lastSet.set(account, rate);
    } catch (error) {
      const refusal = limitRefusal(error);
      if (refusal === null) input.logger.warn('Cannot set the rate limit of a task queue', { account, rate, error });
      else leaveItAt(refusal);
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
