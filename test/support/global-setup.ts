import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { execa } from 'execa';
import getPort from 'get-port';
import type { TestProject } from 'vitest/node';
import { startEmbeddedMongo } from '../../src/embedded/mongodb.js';
import { startEmbeddedTemporal } from '../../src/embedded/temporal.js';

declare module 'vitest' {
  export interface ProvidedContext {
    /** `host:port` of the run's Temporal server, namespace `default`. */
    temporalAddress: string;
    /** Connection string of the run's MongoDB server; each test file uses its own database. */
    mongodbUri: string;
  }
}

interface Provided {
  readonly stop: () => Promise<void>;
}

/** Builds the program; provides Temporal and MongoDB for the run, from the environment or else embedded. */
export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  await build();
  const dataDir = await mkdtemp(join(tmpdir(), 'callweave-test-'));
  const starts = [provideTemporal(), provideMongo(dataDir)] as const;
  async function teardown(): Promise<void> {
    const started = await Promise.allSettled<Provided>(starts);
    await Promise.all(started.map(async (start) => start.status === 'fulfilled' && start.value.stop()));
    await rm(dataDir, { recursive: true, force: true });
  }
  try {
    const [temporal, mongodb] = await Promise.all(starts);
    project.provide('temporalAddress', temporal.address);
    project.provide('mongodbUri', mongodb.uri);
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

async function provideMongo(dataDir: string): Promise<Provided & { uri: string }> {
  const uri = process.env['MONGODB_URI'];
  if (uri !== undefined && uri !== '') return { uri, stop: () => Promise.resolve() };
  return startEmbeddedMongo({ dataDir, port: await getPort(), say });
}

function say(line: string): void {
  process.stderr.write(`${line}\n`);
}
