import type { Logger } from '@temporalio/worker';
import { everyIntervalDuring } from '../process/every-interval.js';
import type { Store } from '../store/store.js';

const INTERVAL_MS = 15_000;

interface CountCallsInput {
  readonly accounts: readonly { readonly name: string }[];
  readonly store: Store;
  readonly logger: Logger;
  readonly signal: AbortSignal;
}

/**
 * Runs `use`, and keeps the counts of the accounts' calls meanwhile. Every worker process does this: the store lets
 * only one of them count an account, once a minute.
 */
export async function withCallsCounted<T>(input: CountCallsInput, use: () => Promise<T>): Promise<T> {
  const each = (signal: AbortSignal) => countOnce({ ...input, signal });
  return everyIntervalDuring({ pauseMs: INTERVAL_MS, signal: input.signal, each }, use);
}

async function countOnce({ accounts, store, logger, signal }: CountCallsInput): Promise<void> {
  for (const { name: account } of accounts) {
    if (signal.aborted) return;
    try {
      await store.callCounts.refresh({ account, now: () => new Date(), signal });
    } catch (error) {
      logger.warn('Cannot count the calls of an account', { account, error });
    }
  }
}
