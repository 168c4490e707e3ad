import { describe, expect, it, onTestFinished } from 'vitest';
import { openStore, type Store } from '../../../src/store/store.js';
import { nameOf } from '../../../src/store/server/server-check.js';
import { runCommandLine } from '../../support/run-cli.js';
import { type FaultyMongo, type MongoReply, startFaultyMongo } from '../../support/faulty-mongodb.js';
import { useTestDatabase } from '../../support/test-database.js';

const test = useTestDatabase();

/**
 * What an update has found counts as modified, changed or not: as DocumentDB's engine counts updates with a pipeline.
 */
function countingWhatWasFound(reply: MongoReply): MongoReply {
  return { ...reply, nModified: reply['n'] };
}

async function throughProxy(change?: (reply: MongoReply) => MongoReply): Promise<{ proxy: FaultyMongo; store: Store }> {
  const proxy = await startFaultyMongo(test.uri);
  if (change !== undefined) proxy.change(({ name }) => name === 'update', change);
  const store = await openStore({ uri: proxy.uri, database: test.database });
  onTestFinished(() => store.close());
  return { proxy, store };
}

describe('a server that is asked how it counts', () => {
  it('serves where it counts what an update has changed, and keeps nothing of the question', async () => {
    const { store } = await throughProxy();
    await expect(store.requireExactCounts()).resolves.toBeUndefined();
    expect(await test.db.collection('probes').countDocuments()).toBe(0);
  });

  it('is refused by name where an update without effect counts, and keeps nothing of the question', async () => {
    const { proxy, store } = await throughProxy(countingWhatWasFound);
    proxy.change(
      ({ name }) => name === 'buildInfo',
      (reply) => ({ ...reply, version: '7.0.77', ferretdb: { version: 'v2.7.0' } }),
    );
    await expect(store.requireExactCounts()).rejects.toMatchObject({ name: 'StoreError', retryable: false });
    await expect(store.requireExactCounts()).rejects.toThrow(
      /FerretDB v2\.7\.0, which calls itself MongoDB 7\.0\.77, at 127\.0\.0\.1:\d+ does not serve: .*must not count as modified, but here it counts 1/,
    );
    expect(await test.db.collection('probes').countDocuments()).toBe(0);
  });

  it('is refused where it counts no update at all', async () => {
    const { store } = await throughProxy((reply) => ({ ...reply, nModified: 0 }));
    await expect(store.requireExactCounts()).rejects.toThrow('must count as 1 modified, but here it counts 0');
  });

  it.each([9, 40324, 115])('is refused by name where it does not know such updates (code %i)', async (code) => {
    const { proxy, store } = await throughProxy();
    proxy.plan(({ name }) => name === 'update', [{ ok: 0, code, errmsg: 'Unrecognized pipeline stage name' }]);
    await expect(store.requireExactCounts()).rejects.toMatchObject({ retryable: false });
    proxy.plan(({ name }) => name === 'update', [{ ok: 0, code, errmsg: 'Unrecognized pipeline stage name' }]);
    await expect(store.requireExactCounts()).rejects.toThrow(
      `it refuses the updates that callweave makes (code ${code})`,
    );
  });

  it('is not blamed for what may pass', async () => {
    const { proxy, store } = await throughProxy();
    proxy.plan(({ name }) => name === 'insert', [{ ok: 0, code: 13, errmsg: 'not authorized' }]);
    await expect(store.requireExactCounts()).rejects.toMatchObject({ retryable: true, code: 13 });
  });
});

describe('a command that writes', () => {
  const INVOCA = { INVOCA_BASE_URL: 'https://a.invoca.net', INVOCA_ID: '1', INVOCA_TOKEN: 'T' };
  const CREDIRA = { CREDIRA_API_KEY: 'K' };

  it.each([
    ['erase --call CALL --yes', {}],
    ['rejects replay', INVOCA],
    ['transcripts --retry expired', INVOCA],
    ['cursor set T-1', INVOCA],
    ['cursor rewind --to T-1', INVOCA],
    ['invoices sync inv_1', CREDIRA],
  ])('writes nothing to such a server: %s', async (line, account) => {
    const { proxy } = await throughProxy(countingWhatWasFound);
    const env = { ...account, MONGODB_URI: proxy.uri, MONGODB_DATABASE: test.database };
    const { exitCode, stderr } = await runCommandLine({ argv: line.split(' '), env });
    expect(stderr).toContain('does not serve: an update that leaves a document as it is must not count as modified');
    expect(exitCode).toBe(1);
    const written = proxy.passed.filter(({ name }) => ['insert', 'update', 'delete'].includes(name));
    expect(new Set(written.map(({ collection }) => collection))).toEqual(new Set(['probes']));
  });

  it('is not asked of one that only reads', async () => {
    const { proxy } = await throughProxy(countingWhatWasFound);
    const env = { MONGODB_URI: proxy.uri, MONGODB_DATABASE: test.database };
    expect(await runCommandLine({ argv: ['rejects', 'list'], env })).toMatchObject({ exitCode: 0 });
  });
});

describe('the name of a server', () => {
  const build = { version: '7.0.0' };
  it.each([
    ['the server that calls itself MongoDB 8.0.4', { hello: {}, build: { version: '8.0.4' } }],
    ['DocumentDB, which calls itself MongoDB 7.0.0,', { hello: { internal: { documentdb_versions: ['1'] } }, build }],
    ['DocumentDB, which calls itself MongoDB 7.0.0,', { hello: { internal: { cosmos_versions: ['1'] } }, build }],
    ['FerretDB, which calls itself MongoDB 7.0.0,', { hello: {}, build: { ...build, ferretdb: {} } }],
    ['the server that calls itself MongoDB (unknown version)', { hello: { internal: null }, build: {} }],
  ])('is %s', (name, answers) => {
    expect(nameOf(answers)).toBe(name);
  });
});
