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
    /** Of the run's MongoDB server; each test takes a database name of its own. */
    mongodbUri: string;
  }
}

interface Provided {
  readonly stop: () => Promise<void>;
}

/** Provides one Temporal and one MongoDB for the whole run: those of the environment, else embedded ones. */
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

/**
 * The programs that tests run are built from the sources as they are: the launcher sees to that, whatever it is asked.
 */
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
