import { randomUUID } from 'node:crypto';
import type { Logger } from '@temporalio/worker';
import type { RequestRates } from '../activities/dependencies.js';
import { type AccountGaugesInput, type GaugedAccount, recordAccountGauges } from './account-gauges.js';
import { everyIntervalDuring } from '../process/every-interval.js';
import { effectiveRate } from '../store/limits/holds.js';
import type { QueueRate } from './queue-rate.js';
import { RequestFlow } from './request-flow.js';

const INTERVAL_MS = 15_000;

export interface AccountRate {
  readonly name: string;
  readonly requestsPerSecond: number;
}

/** Returns the ceilings of the accounts, and functions that limit an account's queue and follow its requests. */
export function createRequestRates(
  accounts: readonly AccountRate[],
  setQueueRate: (change: QueueRate) => Promise<void>,
): RequestRates {
  const known = new Map(
    accounts.map(({ name, requestsPerSecond: ceiling }) => [name, { ceiling, flow: new RequestFlow(ceiling) }]),
  );
  const of = (account: string): { ceiling: number; flow: RequestFlow } => {
    const found = known.get(account);
    if (found === undefined) throw new Error(`This worker has no settings for the account ${account}.`);
    return found;
  };
  const processName = randomUUID();
  return {
    processName,
    ceilingOf: (account) => of(account).ceiling,
    follow: ({ account, rate: stored }) => {
      const { ceiling, flow } = of(account);
      const rate = effectiveRate({ rate: stored, ceiling });
      flow.setRate(rate);
      return setQueueRate({ account, rate });
    },
    turn: (account) => of(account).flow.turn(),
    noteAnswer: ({ account, at }) => of(account).flow.noteAnswer(at),
    answeredIn: ({ account, ...span }) => of(account).flow.answeredIn(span),
    answersToAdd: ({ account, hold: { rate, epoch, refusal } }) => {
      const { ceiling, flow } = of(account);
      flow.setRate(effectiveRate({ rate, ceiling }));
      const isOthers = flow.isNew(epoch) && refusal !== null && refusal.by !== processName;
      return isOthers ? flow.answeredIn(refusal) : 0;
    },
  };
}

export interface WatchRatesInput extends AccountGaugesInput {
  readonly accounts: readonly GaugedAccount[];
  readonly rates: RequestRates;
  readonly logger: Logger;
  readonly signal: AbortSignal;
}

/**
 * Runs `use`, and every 15 seconds raises each account's rate if due, applies it to the task queue and updates the
 * metrics. The first round ends before `use` starts. Every worker process does this: the store lets only one of them
 * raise a rate per minute, and each applies the changes of the others.
 */
export async function withRatesWatched<T>(input: WatchRatesInput, use: () => Promise<T>): Promise<T> {
  const each = () => watchOnce(input);
  await each();
  return everyIntervalDuring({ pauseMs: INTERVAL_MS, signal: input.signal, each }, use);
}

async function watchOnce(input: WatchRatesInput): Promise<void> {
  await Promise.all(input.accounts.map((account) => watchAccount(input, account)));
}

async function watchAccount(input: WatchRatesInput, account: GaugedAccount): Promise<void> {
  const { store, rates, logger } = input;
  const { name, requestsPerSecond: ceiling } = account;
  try {
    const rate = await store.limits.climb({ account: name, ceiling, now: new Date() });
    await rates.follow({ account: name, rate });
    await recordAccountGauges(input, account);
  } catch (error) {
    logger.warn('Cannot update the request rate of an account', { account: name, error });
  }
}
