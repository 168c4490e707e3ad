import { describe, expect, inject, it, onTestFinished, vi } from 'vitest';
import { openStore, type Store } from '../../../src/store/store.js';
import { nameOf } from '../../../src/store/server/server-check.js';
import { runCommandLine } from '../../support/run-cli.js';
import { type FaultyMongo, type MongoReply, startFaultyMongo } from '../../support/faulty-mongodb.js';
import { useTestDatabase } from '../../support/test-database.js';

const test = useTestDatabase();

/** Counts documents found as modified, changed or not, as DocumentDB's engine does for updates with a pipeline. */
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

describe('a server whose counts are checked', () => {
  it('is accepted if it counts only changed documents, and keeps nothing of the check', async () => {
    const { store } = await throughProxy();
    await expect(store.requireExactCounts()).resolves.toBeUndefined();
    expect(await test.db.collection('probes').countDocuments()).toBe(0);
  });

  it('is refused by name if it counts an update without effect, and keeps nothing of the check', async () => {
    const { proxy, store } = await throughProxy(countingWhatWasFound);
    proxy.change(
      ({ name }) => name === 'buildInfo',
      (reply) => ({ ...reply, version: '7.0.77', ferretdb: { version: 'v2.7.0' } }),
    );
    await expect(store.requireExactCounts()).rejects.toMatchObject({ name: 'StoreError', retryable: false });
    await expect(store.requireExactCounts()).rejects.toThrow(
      /FerretDB v2\.7\.0, which calls itself MongoDB 7\.0\.77, at 127\.0\.0\.1:\d+ cannot be used: .*must count as 0 modified, but this server counts 1/,
    );
    expect(await test.db.collection('probes').countDocuments()).toBe(0);
  });

  it('is refused if it counts no update at all', async () => {
    const { store } = await throughProxy((reply) => ({ ...reply, nModified: 0 }));
    await expect(store.requireExactCounts()).rejects.toThrow('must count as 1 modified, but this server counts 0');
  });

  it.each([9, 40324, 115])('is refused if it does not know such updates (code %i)', async (code) => {
    const { proxy, store } = await throughProxy();
    proxy.plan(({ name }) => name === 'update', [{ ok: 0, code, errmsg: 'Unrecognized pipeline stage name' }]);
    await expect(store.requireExactCounts()).rejects.toMatchObject({ retryable: false });
    proxy.plan(({ name }) => name === 'update', [{ ok: 0, code, errmsg: 'Unrecognized pipeline stage name' }]);
    await expect(store.requireExactCounts()).rejects.toThrow(
      `it refuses updates with a pipeline, which callweave needs (code ${code})`,
    );
  });

  it('is not refused for an error that may pass', async () => {
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
    vi.stubEnv('TEMPORAL_ADDRESS', inject('temporalAddress'));
    const env = { ...account, MONGODB_URI: proxy.uri, MONGODB_DATABASE: test.database };
    const { exitCode, stderr } = await runCommandLine({ argv: line.split(' '), env });
    expect(stderr).toContain('cannot be used: an update that changes nothing must count as 0 modified');
    expect(exitCode).toBe(1);
    const written = proxy.passed.filter(({ name }) => ['insert', 'update', 'delete'].includes(name));
    expect(new Set(written.map(({ collection }) => collection))).toEqual(new Set(['probes']));
  });

  it('checks no server if it only reads', async () => {
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
