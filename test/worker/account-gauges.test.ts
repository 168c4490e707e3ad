import { randomUUID } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import type { Account } from '../../src/settings/accounts.js';
import { sampleAccount, sampleCrediraAccount } from '../../src/settings/sample-account.js';
import { recordAccountGauges } from '../../src/worker/account-gauges.js';
import { makeFirstCounts } from '../../src/worker/first-counts.js';
import { liveStream } from '../../src/workflows/ids.js';
import { readableMetrics } from '../support/readable-metrics.js';
import { useTestDatabase } from '../support/test-database.js';

const mongodb = useTestDatabase();
const startedAt = new Date('2025-06-02T12:00:00Z');

function invocaAccount(): Account {
  const served = { baseUrl: 'http://127.0.0.1:1', token: 'a-token', networkId: '1' };
  return { ...sampleAccount(served), name: `a-${randomUUID().slice(0, 8)}` };
}

function crediraAccount(): Account {
  const served = { baseUrl: 'http://127.0.0.1:1', apiKey: 'a-key' };
  return { ...sampleCrediraAccount(served), name: `c-${randomUUID().slice(0, 8)}` };
}

async function gaugesOf(account: Account): Promise<ReadonlyMap<string, number>> {
  const { metrics, values } = readableMetrics();
  await recordAccountGauges({ store: mongodb.store, metrics, startedAt }, account);
  return values;
}

async function caughtUp(account: Account): Promise<number | undefined> {
  return (await gaugesOf(account)).get('caught_up_timestamp_seconds');
}

describe('the time at which an account was caught up', () => {
  it('is the start of the worker, then the first request, then the last time the feed was read to its end', async () => {
    const account = invocaAccount();
    const stream = liveStream(account.name);
    expect(await caughtUp(account)).toBe(startedAt.getTime() / 1_000);

    await mongodb.store.checkpoints.open({ stream, account: account.name, cursor: null, pageLimit: 100 });
    const checkpoints = mongodb.db.collection<{ _id: string }>('checkpoints');
    await checkpoints.updateOne({ _id: stream }, { $set: { firstAskedAt: new Date(5_000) } });
    expect(await caughtUp(account)).toBe(5);

    await mongodb.store.checkpoints.caughtUp({ stream, seq: 0, at: new Date(9_000) });
    expect(await caughtUp(account)).toBe(9);
  });

  it('is, for invoices, the time since when one is due or the source is silent, and now if neither is so', async () => {
    const account = crediraAccount();
    const before = Date.now() / 1_000;
    expect(await caughtUp(account)).toBeGreaterThanOrEqual(before);

    await mongodb.store.invoices.track({ account: account.name, invoiceIds: ['inv_1'], now: () => new Date(7_000) });
    expect(await caughtUp(account)).toBe(7);

    await mongodb.store.outages.note({ account: account.name, at: new Date(3_000), reason: 'no answer' });
    expect(await caughtUp(account)).toBe(3);
  });
});

describe('the gauges of an account', () => {
  it('state its settings, holds and outage', async () => {
    const account = invocaAccount();
    const { name } = account;
    const until = new Date(Date.now() + 3_600_000);
    await mongodb.store.limits.hold({ account: name, until, reason: '429', epoch: 0, ceiling: 200 });
    await mongodb.store.limits.holdTranscripts({ account: name, until, reason: '401' });
    await mongodb.store.outages.note({ account: name, at: new Date(Date.now() - 60_000), reason: 'no answer' });

    const values = await gaugesOf(account);

    expect(values.get('hold_seconds')).toBeCloseTo(3_600, -1);
    expect(values.get('transcripts_hold_seconds lane=all')).toBeCloseTo(3_600, -1);
    expect(values.get('outage_seconds')).toBeCloseTo(60, -1);
    expect(Object.fromEntries(values)).toMatchObject({
      holds: 1,
      requests_per_second: 100,
      requests_per_second_ceiling: 200,
      poll_interval_seconds: 20,
      'transcripts_hold_seconds lane=fresh': 0,
      'transcripts_hold_seconds lane=old': 0,
    });
  });
});

describe('the first counts', () => {
  it('are 0 for every counter that an alert watches', () => {
    const { metrics, values } = readableMetrics();
    makeFirstCounts(metrics, [invocaAccount(), crediraAccount()]);

    expect(new Set(values.values())).toEqual(new Set([0]));
    expect([...values.keys()]).toEqual(
      expect.arrayContaining(['requests kind=page outcome=refused', 'rejects', 'webhooks status=401']),
    );
  });
});
