import { randomUUID } from 'node:crypto';
import { MockActivityEnvironment } from '@temporalio/testing';
import { DefaultLogger } from '@temporalio/worker';
import { describe, expect, it } from 'vitest';
import { verifyPage, type VerifyPageInput, type VerifyPageResult } from '../../../src/activities/repair/verify-page.js';
import type { Store } from '../../../src/store/store.js';
import { Crash, dyingStore, type StoreStep } from '../../support/dying-store.js';
import { minimalRows, startInvoca } from '../../support/fake-invoca.js';
import { feedAccount } from '../../support/feed-account.js';
import { CEILING, fixedRates } from '../../support/request-rates.js';
import { useTestDatabase } from '../../support/test-database.js';

const mongodb = useTestDatabase();
const QUIET = new DefaultLogger('ERROR');
const rows = [...minimalRows(3), { transaction_id: 'no-call', start_time_utc: Date.UTC(2025, 5, 3) }];

/** Creates an account without stored calls, and a verification of its days with `repair`. */
async function aScene() {
  const invoca = await startInvoca({ rows });
  const feed = feedAccount(invoca, { name: `a-${randomUUID().slice(0, 8)}` });
  const input: VerifyPageInput = {
    account: feed.name,
    run: `run-of-${feed.name}`,
    window: { from: '2025-06-01', to: '2025-06-09' },
    cursor: null,
    paging: { pageLimit: null, cleanPages: 0 },
    repair: true,
    precedingWaits: 0,
  };
  const run = async (store: Store, changes: Partial<VerifyPageInput> = {}): Promise<VerifyPageResult> => {
    const deps = {
      store,
      rates: fixedRates,
      feeds: new Map([[feed.name, feed]]),
      invoices: new Map(),
      transcripts: new Map(),
      now: () => new Date(),
    };
    const environment = new MockActivityEnvironment({}, { logger: QUIET });
    const result: unknown = await environment.run(() => verifyPage(deps, { ...input, ...changes }));
    return result as VerifyPageResult;
  };
  return { run, invoca, account: feed.name };
}

describe('verifyPage', () => {
  const steps: StoreStep[] = [
    'calls.compareTransactions',
    'differences.record',
    'calls.mergeTransactions',
    'rejects.record',
    'differences.markRepaired',
  ];
  const crashes = steps.flatMap((step) => (['before', 'after'] as const).map((moment) => ({ step, moment })));

  it.each(crashes)('counts and repairs the same when the process dies $moment $step', async ({ step, moment }) => {
    const { store, db } = mongodb;
    const { run, account } = await aScene();

    await expect(run(dyingStore(store, step, moment))).rejects.toBeInstanceOf(Crash);
    const page = await run(store);

    expect(page).toMatchObject({ outcome: 'page', cursor: 'no-call', rows: 4 });
    const end = await run(store, { cursor: 'no-call' });
    expect(end).toEqual({ outcome: 'end' });
    const found = await store.differences.summarize({ run: `run-of-${account}`, limit: 20 });
    expect(found).toMatchObject({ missing: 3, stale: 0, repaired: 3, gone: 0 });
    const revisions = await db.collection('calls').find({ account }).project({ _id: 0, revision: 1 }).toArray();
    expect(revisions).toEqual([{ revision: 1 }, { revision: 1 }, { revision: 1 }]);
    expect(await store.rejects.count(account)).toBe(1);
  });

  it('writes only the differences without `repair`', async () => {
    const { store } = mongodb;
    const { run, account } = await aScene();

    expect(await run(store, { repair: false })).toMatchObject({ missing: 3, stale: 0 });

    expect(await store.calls.summary(account)).toMatchObject({ calls: 0 });
    expect(await store.rejects.count(account)).toBe(0);
    const found = await store.differences.summarize({ run: `run-of-${account}`, limit: 20 });
    expect(found).toMatchObject({ missing: 3, repaired: 0 });
  });

  it('makes no request while the account is on hold', async () => {
    const { run, invoca, account } = await aScene();
    const until = new Date(Date.now() + 3_600_000);
    await mongodb.store.limits.hold({ account, until, reason: '429 from a test', epoch: 0, ceiling: CEILING });

    expect(await run(mongodb.store)).toMatchObject({ outcome: 'wait', reason: '429 from a test' });
    expect(invoca.requests).toHaveLength(0);
  });
});
