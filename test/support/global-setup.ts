import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { execa } from 'execa';
import getPort from 'get-port';
import type { TestProject } from 'vitest/node';
import { startEmbeddedMongo } from '../../src/embedded/mongodb.js';
import { startEmbeddedTemporal } from '../../src/embedded/temporal.js';
import { openStore } from '../../src/store/store.js';
import {
  describeOutsideMongo,
  dropTestDatabases,
  newDatabasePrefix,
  readTestServer,
  type TestServer,
  tryOutsideMongo,
} from './outside-mongodb.js';

declare module 'vitest' {
  export interface ProvidedContext {
    /** `host:port` of the run's Temporal server, namespace `default`. */
    temporalAddress: string;
    /** Connection string of the run's MongoDB server; each test file uses its own database. */
    mongodbUri: string;
    /** Begins the names of the run's databases. */
    databasePrefix: string;
    /** True if the MongoDB server is part of a replica set, which change streams need. */
    isReplicaSet: boolean;
  }
}

interface Provided {
  readonly stop: () => Promise<void>;
}

interface ProvidedMongo extends Provided, TestServer {
  readonly isReplicaSet: boolean;
}

/**
 * Builds the program; provides Temporal and MongoDB for the run, from the environment or else embedded. MongoDB comes
 * first if it is not ours, so that one that cannot be used is reported at once.
 */
export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const outside = await outsideMongo();
  await build();
  const dataDir = await mkdtemp(join(tmpdir(), 'callweave-test-'));
  const starts = [provideTemporal(), outside === null ? startMongo(dataDir) : Promise.resolve(outside)] as const;
  async function teardown(): Promise<void> {
    const started = await Promise.allSettled<Provided>(starts);
    try {
      await Promise.all(started.map(async (start) => start.status === 'fulfilled' && start.value.stop()));
    } finally {
      await rm(dataDir, { recursive: true, force: true });
    }
  }
  try {
    const [temporal, mongodb] = await Promise.all(starts);
    project.provide('temporalAddress', temporal.address);
    project.provide('mongodbUri', mongodb.uri);
    project.provide('databasePrefix', mongodb.databasePrefix);
    project.provide('isReplicaSet', mongodb.isReplicaSet);
    return teardown;
  } catch (error) {
    await teardown();
    throw error;
  }
}

/** Builds the programs that tests run: the launcher does so before any command if the sources have changed. */
async function build(): Promise<void> {
  await execa('node', ['scripts/run.mjs', '--version'], { cwd: new URL('../..', import.meta.url), stderr: 'inherit' });
}

async function provideTemporal(): Promise<Provided & { address: string }> {
  const address = process.env['TEMPORAL_ADDRESS'];
  if (address !== undefined && address !== '') return { address, stop: () => Promise.resolve() };
  return startEmbeddedTemporal({ dataDir: null, port: await getPort(), uiPort: await getPort(), say });
}

/** Returns the server of MONGODB_URI after a trial; null if it is not set. No test sees the variable itself. */
async function outsideMongo(): Promise<ProvidedMongo | null> {
  const server = readTestServer(process.env);
  for (const name of ['MONGODB_URI', 'MONGODB_DATABASE']) Reflect.deleteProperty(process.env, name);
  if (server === null) return null;
  const facts = await tryOutsideMongo(server);
  for (const line of describeOutsideMongo(facts, server)) say(line);
  return { ...server, isReplicaSet: facts.replicaSet !== null, stop: () => dropTestDatabases(server) };
}

async function startMongo(dataDir: string): Promise<ProvidedMongo> {
  const { uri, stop } = await startEmbeddedMongo({ dataDir, port: await getPort(), say });
  const databasePrefix = newDatabasePrefix();
  const store = await openStore({ uri, database: `${databasePrefix}setup` });
  const { replicaSet } = await store.server.facts();
  await store.close();
  return { uri, databasePrefix, isReplicaSet: replicaSet !== null, stop };
}

function say(line: string): void {
  process.stderr.write(`${line}\n`);
}
