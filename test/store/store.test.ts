import { inspect } from 'node:util';
import getPort from 'get-port';
import { describe, expect, it } from 'vitest';
import { StoreError } from '../../src/store/errors.js';
import { openStore } from '../../src/store/store.js';
import { aCall } from '../support/a-transaction.js';
import { aMerge, rowsOf } from '../support/call-rows.js';
import { useTestDatabase } from '../support/test-database.js';

const test = useTestDatabase();

async function failureOf(operation: Promise<unknown>): Promise<StoreError> {
  const error: unknown = await operation.then(
    () => 'it succeeded',
    (reason: unknown) => reason,
  );
  if (error instanceof StoreError) return error;
  throw new Error(`Expected a StoreError, but ${inspect(error)}`);
}

describe('openStore', () => {
  it('answers a ping once it is open', async () => {
    await expect(test.store.ping()).resolves.toBeUndefined();
  });

  it('names the server it does not find, without user and password, as something to try again', async () => {
    const port = await getPort();
    const uri = `mongodb://somebody:pass-phrase@127.0.0.1:${port}/`;
    const error = await failureOf(openStore({ uri, database: 'any', connectWithinMs: 300 }));
    expect(error.message).toContain(`connecting to 127.0.0.1:${port} (from the connection string) failed`);
    expect(error.retryable).toBe(true);
    expect(inspect(error, { depth: 10 })).not.toMatch(/somebody|pass-phrase/);
  });

  it('names the file of the connection string that cannot be read', async () => {
    const uri = 'mongodb://127.0.0.1:1/?tls=true&tlsCAFile=/no/such/file.pem';
    const error = await failureOf(openStore({ uri, database: 'any', connectWithinMs: 300 }));
    expect(error.message).toMatch(/^MongoDB: connecting to 127\.0\.0\.1:1.*\/no\/such\/file\.pem/);
  });

  it.each(['postgres://somebody:pass-phrase@host/', 'mongodb://somebody:pass@phrase@host:x/', 'pass-phrase'])(
    'explains what a connection string looks like, and does not repeat the wrong one (%#)',
    async (uri) => {
      const error = await failureOf(openStore({ uri, database: 'any' }));
      expect(error.message).toContain('mongodb://user:password@host:port/');
      expect(error.retryable).toBe(false);
      expect(inspect(error, { depth: 10 }).split('\n    at ')[0]).not.toMatch(/somebody|phrase/);
    },
  );

  it('reports what it was doing when it was closed, as something to try again', async () => {
    const store = await openStore({ uri: test.uri, database: test.database });
    await store.close();
    const error = await failureOf(store.checkpoints.read('live/closed'));
    expect(error.message).toMatch(/^MongoDB: checkpoints: reading live\/closed failed: /);
    expect(error.retryable).toBe(true);
    expect(error.cause).toBeInstanceOf(Error);
  });
});

describe('a store error', () => {
  it('recognises a document that no attempt could write, and repeats nothing of it', async () => {
    const raw = '555-0143'.repeat(2_200_000);
    const error = await failureOf(
      test.store.rejects.record({
        account: 'large',
        origin: 'live/large/0',
        rejects: [{ transactionId: 'T1', reason: 'too-large', raw }],
        seenAt: new Date(),
      }),
    );
    expect(error.message).toMatch(/^MongoDB: rejects: recording 1 rows of live\/large\/0 failed: /);
    expect(error.retryable).toBe(false);
    expect(inspect(error, { depth: 10 })).not.toContain('555-0143');
  });

  it('repeats nothing of the documents of a bulk write that the server refused', async () => {
    const database = `${test.database}_strict`;
    const strict = await openStore({ uri: test.uri, database });
    const db = test.db.client.db(database);
    await db.createCollection('calls', { validator: { neverThere: { $exists: true } } });
    const rows = rowsOf('CALL', [aCall('T1', { calling_phone_number: '775-555-0143' })]);
    const error = await failureOf(strict.calls.mergeTransactions(aMerge('strict', rows)));
    await strict.close();
    await db.dropDatabase();
    expect(error).toMatchObject({ retryable: false, code: 121 });
    expect(error.message).toMatch(/^MongoDB: calls: writing 1 of 1 calls from strict:CALL on failed: /);
    expect(inspect(error, { depth: 10, showHidden: true })).not.toContain('775-555-0143');
  });

  it('reports a merge that gave way to others again and again', async () => {
    // Without a revision, every write looks as if another writer came first.
    await test.db.collection<{ _id: string }>('calls').insertOne({ _id: 'foreign:CALL', ...{ transactions: [] } });
    const error = await failureOf(test.store.calls.mergeTransactions(aMerge('foreign', rowsOf('CALL', [aCall('T1')]))));
    expect(error.message).toContain('gave way to other writers of the same calls 30 times in a row');
    expect(error.retryable).toBe(true);
  });
});

describe('ensureIndexes', () => {
  it('creates every index, even if several processes create them repeatedly', async () => {
    const database = `${test.database}_indexes`;
    const stores = await Promise.all([1, 2, 3].map(() => openStore({ uri: test.uri, database })));
    await Promise.all(stores.map((store) => store.ensureIndexes()));
    await stores[0]?.ensureIndexes();
    const db = test.db.client.db(database);
    const namesOf = async (collection: string): Promise<string[]> => {
      const indexes = await db.collection(collection).indexes();
      return indexes.map(({ name }) => name ?? '').sort();
    };
    expect(await namesOf('calls')).toEqual([
      '_id_',
      'account_startedAt_rowCount',
      'account_updatedAt',
      'callId',
      'fromKey',
      'signal',
      'transactionId',
      'transcript_analysis_due',
      'transcript_fetchedAt',
      'transcript_pending',
      'transcript_status_startedAt',
      'unreadable_amounts',
    ]);
    expect(await namesOf('pages')).toEqual(['_id_', 'stream_cursorIn']);
    expect(await namesOf('rejects')).toEqual(['_id_', 'account_seenAt_id', 'seenAt_id']);
    await db.dropDatabase();
    await Promise.all(stores.map((store) => store.close()));
  });
});
