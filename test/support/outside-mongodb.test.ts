import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import getPort from 'get-port';
import { MongoClient } from 'mongodb';
import { describe, expect, inject, it, onTestFinished } from 'vitest';
import { type FaultyMongo, startFaultyMongo } from './faulty-mongodb.js';
import {
  describeOutsideMongo,
  dropTestDatabases,
  newDatabasePrefix,
  readTestServer,
  TESTS_WITH_OWN_MONGODB,
  tryOutsideMongo,
  uriForTests,
} from './outside-mongodb.js';
import { discovering, withOtherReplicaSet } from './other-replica-set.js';

const uri = inject('mongodbUri');

async function refusalOf(
  given: string,
  { databasePrefix = newDatabasePrefix(), connectWithinMs }: { databasePrefix?: string; connectWithinMs?: number } = {},
): Promise<string> {
  return tryOutsideMongo({ uri: uriForTests(given), databasePrefix }, connectWithinMs).then(
    () => 'it is accepted',
    (error: unknown) => String(error),
  );
}

/** Returns why a proxy with faults is refused, after making sure that the trial has left no database there. */
async function refusalThrough(prepare: (proxy: FaultyMongo) => void): Promise<string> {
  const proxy = await startFaultyMongo(uri);
  prepare(proxy);
  const databasePrefix = newDatabasePrefix();
  const refusal = await refusalOf(proxy.uri, { databasePrefix });
  expect(await databasesWith(databasePrefix)).toEqual([]);
  return refusal.replaceAll(databasePrefix, 'PREFIX_');
}

async function databasesWith(prefix: string): Promise<string[]> {
  const client = new MongoClient(uri);
  onTestFinished(() => client.close());
  const { databases } = await client.db('admin').admin().listDatabases({ nameOnly: true });
  return databases.map(({ name }) => name).filter((name) => name.startsWith(prefix));
}

describe('the trial of a server from outside', () => {
  it('accepts the server of this run, leaves nothing behind, and describes it', async () => {
    const server = { uri, databasePrefix: newDatabasePrefix() };
    const facts = await tryOutsideMongo(server);
    expect(await databasesWith(server.databasePrefix)).toEqual([]);
    const [first, second] = describeOutsideMongo(facts, server);
    expect(first).toContain(`MONGODB_URI at ${facts.address} (`);
    expect(first).toContain(`MongoDB ${facts.version}, `);
    expect(second).toContain('also start one of their own');
  });

  it('is not made if the variable is not set, or blank', () => {
    expect(readTestServer({})).toBeNull();
    expect(readTestServer({ MONGODB_URI: ' ' })).toBeNull();
  });

  it('names a server that does not answer, without user and password', async () => {
    const port = await getPort();
    const refusal = await refusalOf(`mongodb://somebody:pass-phrase@127.0.0.1:${port}/calls`, {
      connectWithinMs: 300,
    });
    expect(refusal).toContain(
      `Cannot run the tests on the server of MONGODB_URI: MongoDB: connecting to 127.0.0.1:${port}`,
    );
    expect(refusal).not.toMatch(/somebody|pass-phrase/);
  });

  it('names another replica set than that of the connection string', async () => {
    const refusal = await refusalOf(withOtherReplicaSet(discovering(uri)), { connectWithinMs: 2_000 });
    expect(refusal).toMatch(
      /Cannot run the tests .*: MongoDB: .* names the replica set no-such-set, but \S+ belongs to /,
    );
  });

  it('explains what a connection string looks like, and does not repeat the wrong one', async () => {
    const refusal = await refusalOf('mongodb://somebody:pass@phrase@host:x/');
    expect(refusal).toContain('the connection string cannot be read: it must be mongodb://user:password@host:port/');
    expect(refusal).not.toMatch(/somebody|phrase/);
  });

  it('refuses a server on which callweave would lose data', async () => {
    const refusal = await refusalThrough((proxy) => {
      proxy.change(
        ({ name }) => name === 'update',
        (reply) => ({ ...reply, nModified: reply['n'] }),
      );
    });
    expect(refusal).toContain('cannot be used: an update that changes nothing must count as 0 modified');
  });

  it.each(['create', 'listDatabases', 'dropDatabase'])(
    'names the roles that the user lacks for %s',
    async (command) => {
      const notAllowed = { ok: 0, code: 13, errmsg: 'not authorized' } as const;
      const refusal = await refusalThrough((proxy) => {
        proxy.plan(({ name }) => name === command, [notAllowed, notAllowed]);
      });
      expect(refusal).toContain('not authorized');
      expect(refusal).toContain('The tests make databases named PREFIX_… and drop them');
      expect(refusal).toContain('the roles readWriteAnyDatabase and dbAdminAnyDatabase');
    },
  );

  it('refuses a server that is not the primary', async () => {
    const notPrimary = { ok: 0, code: 10107, codeName: 'NotWritablePrimary', errmsg: 'not primary' } as const;
    const refusal = await refusalThrough((proxy) => {
      proxy.plan(({ name }) => name === 'create', [notPrimary, notPrimary]);
    });
    expect(refusal).toMatch(/Cannot run the tests .*: MongoDB: making the database PREFIX_trial failed: not primary/);
  });
});

describe('a proxy before the server from outside', () => {
  it('finds the primary, whether the connection string names it or a member of its set', async () => {
    for (const given of [uri, discovering(uri)]) {
      const client = new MongoClient((await startFaultyMongo(given)).uri);
      onTestFinished(() => client.close());
      expect(await client.db('admin').command({ ping: 1 })).toMatchObject({ ok: 1 });
    }
  });
});

describe('the databases of a run', () => {
  it('are dropped at its end, and no others', async () => {
    const [ours, others] = [newDatabasePrefix(), newDatabasePrefix()];
    const client = new MongoClient(uri);
    onTestFinished(async () => {
      await dropTestDatabases({ uri, databasePrefix: others });
      await client.close();
    });
    for (const name of [`${ours}a`, `${ours}b`, `${others}a`]) await client.db(name).createCollection('any');
    await dropTestDatabases({ uri, databasePrefix: ours });
    expect(await databasesWith(ours)).toEqual([]);
    expect(await databasesWith(others)).toEqual([`${others}a`]);
  });

  it('are not those of the environment: no test sees its variables', () => {
    expect(process.env).not.toHaveProperty('MONGODB_URI');
    expect(process.env).not.toHaveProperty('MONGODB_DATABASE');
  });
});

describe('the connection string for the tests', () => {
  it.each([
    ['mongodb://db:27017', 'mongodb://db:27017/'],
    ['mongodb://db/calls', 'mongodb://db/'],
    ['mongodb://a:1,b:2/?replicaSet=rs0&w=1&readPreference=secondary', 'mongodb://a:1,b:2/?replicaSet=rs0'],
    ['mongodb://me:pw@db/calls?directConnection=true', 'mongodb://me:pw@db/?directConnection=true&authSource=calls'],
    ['mongodb://me:pw@db/calls?authSource=admin', 'mongodb://me:pw@db/?authSource=admin'],
    ['mongodb://me@db/calls?authMechanism=MONGODB-X509', 'mongodb://me@db/?authMechanism=MONGODB-X509'],
    ['mongodb+srv://me:pw@cluster.example.net/calls', 'mongodb+srv://me:pw@cluster.example.net/'],
    ['nonsense', 'nonsense'],
    ['mongodb://db/%zz', 'mongodb://db/%zz'],
  ])('of %s is %s', (given, expected) => {
    expect(uriForTests(given)).toBe(expected);
  });
});

describe('the tests with a MongoDB of their own', () => {
  it('are named where a run on another server begins', () => {
    const root = join(import.meta.dirname, '../..');
    const files = readdirSync(join(root, 'test'), { recursive: true, encoding: 'utf8' });
    const starting = files
      .filter((file) => file.endsWith('.ts'))
      .map((file) => join('test', file))
      .filter((file) =>
        /startEmbeddedMongo\(|callweave\(\['dev'\], \{ cwd \}\)/.test(readFileSync(join(root, file), 'utf8')),
      )
      .filter((file) => !file.startsWith('test/support/'));
    const named = (file: string): string | undefined => TESTS_WITH_OWN_MONGODB.find((name) => file.startsWith(name));
    expect(new Set(starting.map(named))).toEqual(new Set(TESTS_WITH_OWN_MONGODB));
  });
});
