import { randomUUID } from 'node:crypto';
import { noopMetricMeter } from '@temporalio/common';
import { DefaultLogger } from '@temporalio/worker';
import { describe, expect, it } from 'vitest';
import { createMetrics } from '../../src/worker/metrics.js';
import { createRequestRates, withRatesWatched } from '../../src/worker/request-rates.js';
import type { QueueRate } from '../../src/worker/queue-rate.js';
import { useTestDatabase } from '../support/test-database.js';

const test = useTestDatabase();
const minuteMs = 60_000;

describe('withRatesWatched', () => {
  it('limits the queue to the setting if no hold has lowered the rate', async () => {
    expect(await ratesAtStart({ account: anAccount(), requestsPerSecond: 3 })).toEqual([3]);
  });

  it('limits the queue to the stored rate before anything else happens', async () => {
    const account = anAccount();
    await held(account, { minutesAgo: -10 });
    expect(await ratesAtStart({ account, requestsPerSecond: 3 })).toEqual([1.5]);
  });

  it('raises the rate once its minute is over', async () => {
    const account = anAccount();
    await held(account, { minutesAgo: 2 });
    expect(await ratesAtStart({ account, requestsPerSecond: 3 })).toEqual([1.8]);
  });

  it('never exceeds a setting that was lowered', async () => {
    const account = anAccount();
    await held(account, { minutesAgo: -10 });
    expect(await ratesAtStart({ account, requestsPerSecond: 1 })).toEqual([1]);
  });
});

describe('the rates of accounts', () => {
  it('are those of the settings, and unknown for any other account', () => {
    const rates = createRequestRates([{ name: 'a', requestsPerSecond: 3 }], () => Promise.resolve());
    expect(rates.ceilingOf('a')).toBe(3);
    expect(() => rates.ceilingOf('b')).toThrow('no settings for the account b');
  });
});

function anAccount(): string {
  return `a-${randomUUID().slice(0, 8)}`;
}

/** Makes an account with 3 requests a second, whose hold ended at `until`. */
async function held(account: string, { minutesAgo }: { minutesAgo: number }): Promise<void> {
  const until = new Date(Date.now() - minutesAgo * minuteMs);
  await test.store.limits.hold({ account, until, reason: '429', epoch: 0, ceiling: 3 });
}

/** Returns the limits that the queue was given before the work began. */
async function ratesAtStart({
  account,
  requestsPerSecond,
}: {
  account: string;
  requestsPerSecond: number;
}): Promise<number[]> {
  const changes: QueueRate[] = [];
  const accounts = [{ name: account, requestsPerSecond, source: 'invoca', pollIntervalMs: 300_000 } as const];
  const rates = createRequestRates(accounts, (change) => {
    changes.push(change);
    return Promise.resolve();
  });
  const input = {
    accounts,
    store: test.store,
    rates,
    metrics: createMetrics(noopMetricMeter),
    logger: new DefaultLogger('ERROR'),
    startedAt: new Date(),
    signal: new AbortController().signal,
  };
  return withRatesWatched(input, () => Promise.resolve(changes.map(({ rate }) => Number(rate.toFixed(3)))));
}
