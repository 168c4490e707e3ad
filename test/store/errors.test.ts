import { BSON } from 'mongodb';
import { describe, expect, it, onTestFinished } from 'vitest';
import { connectWithin, createClient } from '../../src/store/server/connect.js';
import { openStore, type Store } from '../../src/store/store.js';
import { aCall } from '../support/a-transaction.js';
import { aMerge, rowsOf } from '../support/call-rows.js';
import { type FaultyMongo, type MongoFault, startFaultyMongo } from '../support/faulty-mongodb.js';
import { useTestDatabase } from '../support/test-database.js';

const test = useTestDatabase();

const PLACE = { stream: 'drain/any', seq: 0, pageLimit: 100 };

async function throughProxy(faults: readonly MongoFault[] = []): Promise<{ proxy: FaultyMongo; store: Store }> {
  const proxy = await startFaultyMongo(test.uri);
  proxy.plan(({ name }) => name === 'update' || name === 'insert', faults);
  const store = await openStore({ uri: proxy.uri, database: test.database });
  onTestFinished(() => store.close());
  return { proxy, store };
}

function refused(code: number): MongoFault {
  return { ok: 1, n: 0, nModified: 0, writeErrors: [{ index: 0, code, errmsg: 'because' }] };
}

describe('an error of the server', () => {
  it.each([2, 9, 14, 15, 22, 52, 56, 57, 66, 121, 171, 17280, 10334, 17419, 17420])(
    'is lasting with the code %i, because the document is wrong',
    async (code) => {
      const { store } = await throughProxy([refused(code)]);
      const error = expect(store.checkpoints.setPageLimit(PLACE)).rejects;
      await error.toMatchObject({ name: 'StoreError', retryable: false, code });
    },
  );

  it.each([11000, 13, 14031, 8000, 112, 262, 50])('may pass with the code %i', async (code) => {
    const { store } = await throughProxy([refused(code)]);
    await expect(store.checkpoints.setPageLimit(PLACE)).rejects.toMatchObject({ retryable: true, code });
  });

  it('is lasting if one of several writes can never pass, even if it is not the first', async () => {
    const writeErrors = [
      { index: 0, code: 11000, errmsg: 'is there already' },
      { index: 1, code: 121, errmsg: 'because' },
    ];
    const { store } = await throughProxy([{ ok: 1, n: 0, writeErrors }]);
    const rows = [...rowsOf('CALL-1', [aCall('T1')]), ...rowsOf('CALL-2', [aCall('T2')])];
    await expect(store.calls.mergeTransactions(aMerge('several', rows))).rejects.toMatchObject({ retryable: false });
  });

  it.each([64, 100])('says what to look at if no majority confirmed a write (code %i)', async (code) => {
    const noMajority: MongoFault = {
      ok: 1,
      n: 1,
      nModified: 1,
      writeConcernError: { code, errmsg: 'waiting timed out' },
    };
    const { store } = await throughProxy([noMajority, noMajority]);
    const expected = { retryable: true, code, message: expect.stringContaining('rs.status()') as string };
    await expect(store.checkpoints.setPageLimit(PLACE)).rejects.toMatchObject(expected);
    const rows = rowsOf('CALL-1', [aCall('T1')]);
    await expect(store.calls.mergeTransactions(aMerge('no-majority', rows))).rejects.toMatchObject(expected);
  });
});

describe('the connection', () => {
  const OTHER_WISHES = 'readConcernLevel=linearizable&readPreference=secondary&w=0&journal=false&retryWrites=false';

  it('waits a limited time for a majority and reads the primary, whatever the connection string says', async () => {
    const { proxy } = await throughProxy();
    const store = await openStore({ uri: `${proxy.uri}&${OTHER_WISHES}`, database: test.database });
    onTestFinished(() => store.close());
    await store.checkpoints.open({ stream: 'drain/wishes', account: 'a', cursor: null, pageLimit: 1 });
    await store.checkpoints.setPageLimit({ ...PLACE, stream: 'drain/wishes' });
    await store.calls.mergeTransactions(aMerge('wishes', rowsOf('CALL', [aCall('T1')])));
    await store.erasures.eraseCalls(['wishes:CALL'], new Date());
    await store.rejects.remove(['none']);
    const bodies = proxy.passed.map(({ name, body }) => ({ name, ...plain(body) }));
    const writes = bodies.filter(({ name }) => ['insert', 'update', 'delete'].includes(name));
    expect(new Set(writes.map(({ name }) => name))).toEqual(new Set(['insert', 'update', 'delete']));
    for (const write of writes) expect(write).toMatchObject({ writeConcern: { w: 'majority', wtimeout: 30_000 } });
    const reads = bodies.filter(({ name }) => name === 'find');
    expect(reads.length).toBeGreaterThan(0);
    for (const read of reads) expect(read).toMatchObject({ readConcern: { level: 'local' } });
    // On a connection to a single server the driver replaces `primary` with a mode that takes any member.
    for (const read of reads) expect(read).not.toMatchObject({ $readPreference: { mode: 'secondary' } });
  });

  it.each([
    ['', 120_000],
    ['&maxIdleTimeMS=50000', 50_000],
  ])('is closed when idle, before load balancers would cut it%s', (wish, maxIdleTimeMs) => {
    const client = createClient(`mongodb://127.0.0.1:1/?directConnection=true${wish}`);
    expect(client.options.maxIdleTimeMS).toBe(maxIdleTimeMs);
  });

  it('waits for the end of an election, but not long for a server that was never there', async () => {
    const client = createClient('mongodb://127.0.0.1:1/?serverSelectionTimeoutMS=1');
    expect(client.options.serverSelectionTimeoutMS).toBe(25_000);
    const reason = await connectWithin(client, 300).catch((error: unknown) => error);
    expect(reason).toMatchObject({ retryable: true, message: expect.stringContaining('ECONNREFUSED') as string });
  });
});

/** Returns a command as it was sent, with plain numbers. */
function plain(body: Readonly<Record<string, unknown>>): Record<string, unknown> {
  return BSON.deserialize(BSON.serialize(body));
}
