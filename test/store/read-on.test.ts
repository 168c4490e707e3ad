import { describe, expect, it, onTestFinished } from 'vitest';
import type { ExportRequest } from '../../src/store/calls/export-calls.js';
import { openStore, type Store } from '../../src/store/store.js';
import { type FaultyMongo, type MongoFault, startFaultyMongo } from '../support/faulty-mongodb.js';
import { callDocuments, insertCalls, minutesFrom, NOW } from '../support/pending-calls.js';
import { useTestDatabase } from '../support/test-database.js';

const test = useTestDatabase();

/** More than three batches of an export. */
const CALLS = 350;

async function throughProxy(): Promise<{ proxy: FaultyMongo; store: Store }> {
  const proxy = await startFaultyMongo(test.uri);
  const store = await openStore({ uri: proxy.uri, database: test.database });
  onTestFinished(() => store.close());
  return { proxy, store };
}

function closed(code: number): MongoFault {
  return { ok: 0, code, errmsg: 'cursor id 17 not found' };
}

/** Returns a test for every second command that asks a cursor for more documents. */
function isEverySecondRead(): (command: { name: string }) => boolean {
  let read = 0;
  return ({ name }) => name === 'getMore' && (read += 1) % 2 === 1;
}

async function idsFrom<T>(documents: AsyncIterable<T>, idOf: (document: T) => string): Promise<string[]> {
  const ids: string[] = [];
  for await (const document of documents) ids.push(idOf(document));
  return ids;
}

/** Stores calls of which many began, and changed, at the same instant, and some have no start. */
async function storeCalls(account: string): Promise<string[]> {
  const aDocument = callDocuments(account);
  const calls = Array.from({ length: CALLS }, (_, index) => ({
    ...aDocument(`CALL-${String(index).padStart(3, '0')}`, {
      startedAt: index < 120 ? null : minutesFrom(NOW, Math.floor(index / 90)),
    }),
    updatedAt: minutesFrom(NOW, Math.floor(index / 130)),
  }));
  await insertCalls(test.db, calls.toReversed());
  return calls.map(({ callId }) => callId);
}

describe('an export whose cursor the server closes', () => {
  const whole: Omit<ExportRequest, 'account'> = { started: null, changedSince: null, withTranscripts: false };
  const some = { from: minutesFrom(NOW, 1), before: minutesFrom(NOW, 3) };

  it.each([
    ['by start', whole, 0, CALLS],
    ['by change', { ...whole, changedSince: NOW }, 0, CALLS],
    ['by start within a time', { ...whole, started: some }, 120, 270],
    ['by both', { ...whole, started: some, changedSince: minutesFrom(NOW, 1) }, 130, 270],
  ])('continues after the last call, without losing or repeating one: %s', async (what, request, first, end) => {
    const account = `export ${what}`;
    const ids = (await storeCalls(account)).slice(first, end);
    const { proxy, store } = await throughProxy();
    proxy.plan(isEverySecondRead(), [closed(43), 'cut', closed(237), 'answer-lost']);

    const exported = await idsFrom(store.calls.export({ account, ...request }), ({ callId }) => callId);

    expect(exported).toHaveLength(ids.length);
    expect(exported.toSorted()).toEqual(ids);
  });

  it('ends with an error that is not about its cursor', async () => {
    await storeCalls('refused');
    const { proxy, store } = await throughProxy();
    const reader = store.calls.export({ account: 'refused', ...whole });
    for (let taken = 0; taken < 100; taken += 1) await reader.next();
    proxy.plan(({ name }) => name === 'getMore', [closed(13)]);
    await expect(reader.next()).rejects.toMatchObject({ code: 13 });
  });
});

describe('another list whose cursor the server closes', () => {
  it('continues after the last invoice', async () => {
    const account = 'invoices';
    const ids = Array.from({ length: 250 }, (_, index) => `inv_${1000 + index}`);
    await test.store.invoices.track({ account, invoiceIds: ids, now: () => NOW });
    const { proxy, store } = await throughProxy();
    proxy.plan(({ name }) => name === 'getMore', [closed(43), 'cut']);
    expect(await idsFrom(store.invoices.list({ account }), ({ invoiceId }) => invoiceId)).toEqual(ids);
    expect(proxy.left()).toBe(0);
  });

  it('continues after the last reject, newest first, also in an erasure', async () => {
    const account = 'rejects';
    for (const minute of [1, 3, 2]) {
      const rejects = Array.from({ length: 120 }, (_, index) => ({
        ...{ transactionId: `T-${minute}-${index}`, reason: 'no-call-id' },
        raw: `"${minute}-${index}"`,
      }));
      await test.store.rejects.record({ account, origin: 'p/0', rejects, seenAt: minutesFrom(NOW, minute) });
    }
    const expected = await test.store.rejects.list(account);
    expect(expected.map(({ seenAt }) => seenAt)).toEqual(
      expected.map(({ seenAt }) => seenAt).toSorted((a, b) => b.getTime() - a.getTime()),
    );
    expect(expected).toHaveLength(360);
    const { proxy, store } = await throughProxy();
    proxy.plan(isEverySecondRead(), [closed(43)]);
    expect(await store.rejects.list(null)).toEqual(expected);
    expect(proxy.left()).toBe(0);
    proxy.plan(isEverySecondRead(), [closed(43)]);
    const ids = await store.erasures.findRejects(account, ({ raw }) => raw.startsWith('"2'));
    expect(ids.toSorted()).toEqual(
      expected.flatMap(({ id, transactionId }) => (transactionId?.startsWith('T-2') === true ? [id] : [])).toSorted(),
    );
    expect(proxy.left()).toBe(0);
  });
});

describe('a change of many documents', () => {
  const isUpdate = ({ name }: { name: string }): boolean => name === 'update';

  it('retries transcripts in batches; if one fails, the rest keep their status', async () => {
    const account = 'retried';
    const aDocument = callDocuments(account);
    const transcript = { status: 'forbidden', nextAttemptAt: null } as const;
    const calls = Array.from({ length: 5_001 }, (_, index) => aDocument(`CALL-${index}`, { transcript }));
    await insertCalls(test.db, calls);
    const { proxy, store } = await throughProxy();
    const retry = { account, status: 'forbidden', now: NOW } as const;
    let updates = 0;
    proxy.plan((command) => isUpdate(command) && (updates += 1) === 2, ['cut']);

    await expect(store.transcripts.retry(retry)).rejects.toMatchObject({ retryable: true });
    expect(await test.db.collection('calls').countDocuments({ account, 'transcript.status': 'forbidden' })).toBe(1);
    expect(await store.transcripts.retry(retry)).toBe(1);
  });

  it('makes invoices due in batches', async () => {
    const account = 'all-due';
    const invoiceIds = Array.from({ length: 2_001 }, (_, index) => `inv_${index}`);
    await test.store.invoices.track({ account, invoiceIds, now: () => NOW });
    await test.store.invoices.claim({ account, dueBy: NOW, leasedUntil: minutesFrom(NOW, 30), limit: 2_001 });
    const { proxy, store } = await throughProxy();
    expect(await store.invoices.makeAllDue(account)).toBe(2_001);
    expect(proxy.passed.filter(isUpdate)).toHaveLength(3);
    expect((await store.invoices.summary(account, NOW)).dueNow).toBe(2_001);
  });
});
