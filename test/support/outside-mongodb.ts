import { randomBytes } from 'node:crypto';
import type { MongoClient } from 'mongodb';
import { ConnectionString } from 'mongodb-connection-string-url';
import { createClient } from '../../src/store/server/connect.js';
import { describing, StoreError } from '../../src/store/errors.js';
import type { ServerFacts } from '../../src/store/server/server-probe.js';
import { openStore } from '../../src/store/store.js';

/** Longest silence of the server in the trial, so that an unusable one is reported within seconds. */
const STEP_MS = 5_000;

/** Tests that start a MongoDB server of their own beside any other, because they stop or kill it. */
export const TESTS_WITH_OWN_MONGODB = ['test/chaos', 'test/embedded', 'test/e2e/dev.test.ts'] as const;

const UNAUTHORIZED = 13;

/** Options with which the tests would see other documents than they have written. */
const CHANGED_BY_TESTS = ['readPreference', 'readPreferenceTags', 'readConcernLevel', 'w', 'wtimeoutMS', 'journal'];

/** Server and databases that the tests use. */
export interface TestServer {
  readonly uri: string;
  /** Begins the names of the run's databases, and of no others. */
  readonly databasePrefix: string;
}

/**
 * Reads the server of MONGODB_URI, with a new prefix for the names of databases; null if it is not set. With the part
 * that a test adds, names are within the 38 bytes that some servers allow.
 */
export function readTestServer(env: NodeJS.ProcessEnv): TestServer | null {
  const given = env['MONGODB_URI']?.trim() ?? '';
  return given === '' ? null : { uri: uriForTests(given), databasePrefix: newDatabasePrefix() };
}

export function newDatabasePrefix(): string {
  return `callweave_test_${randomBytes(3).toString('hex')}_`;
}

/**
 * Tries what the tests need of a server that they have not started: it answers, accepts writes, counts updates as
 * MongoDB does, and allows databases to be made, listed and dropped. Leaves nothing behind. Returns facts about it.
 * @throws an error that says what is wrong, without user and password, after some seconds at most
 */
export async function tryOutsideMongo(
  server: TestServer,
  connectWithinMs = STEP_MS,
): Promise<ServerFacts & { readonly address: string }> {
  try {
    const store = await openStore({
      uri: server.uri,
      database: trialOf(server),
      connectWithinMs,
      silentForMs: STEP_MS,
    });
    try {
      const facts = await store.server.facts();
      await tryDatabase(server, () => store.requireExactCounts());
      return { ...facts, address: store.server.address };
    } finally {
      await store.close();
    }
  } catch (error) {
    if (!(error instanceof StoreError)) throw error;
    const advice = error.code === UNAUTHORIZED ? `. ${rightsFor(server)}` : '';
    throw new Error(`Cannot run the tests on the server of MONGODB_URI: ${error.message}${advice}`);
  }
}

function trialOf({ databasePrefix }: TestServer): string {
  return `${databasePrefix}trial`;
}

function rightsFor({ databasePrefix }: TestServer): string {
  return (
    `The tests make databases named ${databasePrefix}… and drop them: give the user the roles readWriteAnyDatabase and ` +
    'dbAdminAnyDatabase, or use a server without access control'
  );
}

/** Makes a database, runs `use`, and drops it. */
async function tryDatabase(server: TestServer, use: () => Promise<void>): Promise<void> {
  const client = clientOf(server);
  const trial = client.db(trialOf(server), { writeConcern: { w: 'majority', wtimeoutMS: STEP_MS } });
  try {
    await describing(`making the database ${trial.databaseName}`, () => trial.createCollection('probes'));
    await use();
    await dropDatabases(client, server);
  } catch (error) {
    // A user who may not drop a database may mostly drop its collections, and the database ends with the last.
    await trial
      .dropDatabase()
      .catch(() => trial.dropCollection('probes'))
      .catch(() => undefined);
    throw error;
  } finally {
    await client.close();
  }
}

/** Drops the databases of the run. @throws StoreError */
export async function dropTestDatabases(server: TestServer): Promise<void> {
  const client = clientOf(server);
  try {
    await dropDatabases(client, server);
  } finally {
    await client.close();
  }
}

function clientOf({ uri }: TestServer): MongoClient {
  return createClient(uri, { serverSelectionTimeoutMS: STEP_MS, socketTimeoutMS: STEP_MS });
}

async function dropDatabases(client: MongoClient, { databasePrefix }: TestServer): Promise<void> {
  await describing(`listing and dropping the databases ${databasePrefix}…`, async () => {
    const { databases } = await client.db('admin').admin().listDatabases({ nameOnly: true });
    for (const { name } of databases) if (name.startsWith(databasePrefix)) await client.db(name).dropDatabase();
  });
}

/**
 * Returns the connection string that the tests use instead of the one given: it names no database, because each test
 * names its own, and reads and writes the primary as the tests expect. A user still logs in where it did.
 */
export function uriForTests(given: string): string {
  let uri: ConnectionString;
  let named: string;
  try {
    uri = new ConnectionString(given);
    named = decodeURIComponent(uri.pathname.slice(1));
  } catch {
    // The trial explains what is wrong with it.
    return given;
  }
  const { searchParams } = uri;
  // The record of an SRV address may name another database for the login, which comes first.
  const logsInThere =
    uri.username !== '' && !uri.isSRV && (searchParams.get('authMechanism') ?? 'SCRAM').startsWith('SCRAM');
  if (named !== '' && logsInThere && !searchParams.has('authSource')) searchParams.set('authSource', named);
  uri.pathname = '/';
  for (const name of CHANGED_BY_TESTS) searchParams.delete(name);
  return uri.toString();
}

/** Returns the lines that say where the tests run. */
export function describeOutsideMongo(
  { version, engine, isStandIn, replicaSet, address }: ServerFacts & { readonly address: string },
  { databasePrefix }: Pick<TestServer, 'databasePrefix'>,
): string[] {
  const name = `${engine ?? (isStandIn ? 'the stand-in, as' : '')} MongoDB ${version ?? '(unknown version)'}`.trim();
  const kind = replicaSet === null ? 'a server alone' : `replica set ${replicaSet}`;
  return [
    `MongoDB: the tests use the server of MONGODB_URI at ${address} (${name}, ${kind}), in databases ${databasePrefix}…`,
    `MongoDB: ${TESTS_WITH_OWN_MONGODB.join(', ')} also start one of their own beside it, which they stop or kill`,
  ];
}
