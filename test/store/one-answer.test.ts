import { expect, it, onTestFinished } from 'vitest';
import { openStore } from '../../src/store/store.js';
import { aCall } from '../support/a-transaction.js';
import { aMerge, rowsOf } from '../support/call-rows.js';
import { startFaultyMongo } from '../support/faulty-mongodb.js';
import { callDocuments, insertCalls, LEASE_MS, minutesFrom, NOW } from '../support/pending-calls.js';
import { useTestDatabase } from '../support/test-database.js';

const test = useTestDatabase();

/** More than a server sends at first unless asked for more. */
const MANY = 150;

it('reads and writes a batch with one request each, whatever its size', async () => {
  const account = 'batches';
  const aDocument = callDocuments(account);
  const calls = Array.from({ length: MANY }, (_, index) => aDocument(`CALL-${index}`, { startedAt: NOW }));
  await insertCalls(test.db, calls);
  const invoiceIds = calls.map(({ callId }) => `inv_${callId}`);
  await test.store.invoices.track({ account, invoiceIds, now: () => NOW });
  const proxy = await startFaultyMongo(test.uri);
  const store = await openStore({ uri: proxy.uri, database: test.database });
  onTestFinished(() => store.close());

  const rows = calls.flatMap(({ callId }) => rowsOf(callId, [aCall(`T-${callId}`)]));
  expect(await store.calls.mergeTransactions(aMerge(account, rows))).toMatchObject({ changed: MANY });
  expect(
    await store.calls.remerge({ ...aMerge(account, []), after: null, limit: MANY, startedAt: null }),
  ).toMatchObject({ calls: MANY });
  const now = minutesFrom(NOW, 60);
  const { claimed } = await store.transcripts.claim({ account, now, leaseMs: LEASE_MS, limit: MANY });
  expect(claimed).toHaveLength(MANY);
  const { invoiceIds: due } = await store.invoices.claim({ account, dueBy: now, leasedUntil: now, limit: MANY });
  expect(due).toHaveLength(MANY);

  const asked = proxy.passed.map(({ name }) => name);
  expect(asked).toContain('find');
  expect(asked).not.toContain('getMore');
  expect(asked).not.toContain('killCursors');
});
