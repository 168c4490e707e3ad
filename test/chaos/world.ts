import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { spawn, type ChildProcess } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import getPort from 'get-port';
import { startEmbeddedMongo, type EmbeddedMongo } from '../../src/embedded/mongodb.js';
import { startEmbeddedTemporal, type EmbeddedTemporal } from '../../src/embedded/temporal.js';
import type { FakeInvoca } from '../../src/sample/fake-invoca.js';
import type { Random } from '../../src/sample/random.js';

export type Victim = 'worker' | 'MongoDB' | 'Temporal';

/** Servers with their data on disk, and production workers: separate processes, to be killed and started again. */
export interface ChaosWorld {
  readonly temporalAddress: string;
  readonly mongodbUri: string;
  /** Sends a SIGKILL (to a worker drawn from `random`), then restarts the process with the data it had on disk. */
  kill(victim: Victim, random: Random): Promise<void>;
  /** Returns everything the workers have written so far. */
  said(): string;
  /** Reads the metrics of each running worker, in the format of Prometheus. */
  metrics(): Promise<string[]>;
  stop(): Promise<void>;
}

interface WorkerProcess {
  readonly worker: ChildProcess;
  readonly metricsAddress: string;
}

const WORKER = fileURLToPath(new URL('../../dist/worker.js', import.meta.url));

/** Starts servers and workers. Runs the built program, which global-setup.ts has built from the current sources. */
export async function startChaosWorld(input: {
  readonly workers: number;
  readonly settings: Readonly<Record<string, string>>;
}): Promise<ChaosWorld> {
  const dataDir = await mkdtemp(join(tmpdir(), 'callweave-chaos-'));
  const say = (): void => undefined;
  const [mongoPort, port, uiPort] = [await getPort(), await getPort(), await getPort()];
  const startMongo = (): Promise<EmbeddedMongo> => startEmbeddedMongo({ dataDir, port: mongoPort, say });
  const startTemporal = (): Promise<EmbeddedTemporal> => startEmbeddedTemporal({ dataDir, port, uiPort, say });
  let [mongo, temporal] = await Promise.all([startMongo(), startTemporal()]);
  let said = '';
  const startWorker = async (): Promise<WorkerProcess> => {
    const metricsAddress = `127.0.0.1:${await getPort()}`;
    const servers = {
      MONGODB_URI: mongo.uri,
      TEMPORAL_ADDRESS: temporal.address,
      CALLWEAVE_METRICS_ADDRESS: metricsAddress,
    };
    const worker = spawn(process.execPath, [WORKER], {
      env: { PATH: process.env['PATH'], HOME: process.env['HOME'], ...servers, ...input.settings },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    for (const stream of [worker.stdout, worker.stderr]) {
      stream.on('data', (chunk: Buffer) => (said += chunk.toString()));
    }
    return { worker, metricsAddress };
  };
  const workers = await Promise.all(Array.from({ length: input.workers }, startWorker));

  const kills: Record<Victim, (random: Random) => Promise<void>> = {
    worker: async (random) => {
      const index = random.int(0, workers.length - 1);
      const killed = workers[index];
      if (killed !== undefined) await killProcess(killed.worker);
      workers[index] = await startWorker();
    },
    MongoDB: async () => {
      await killServer(mongo);
      mongo = await startMongo();
    },
    Temporal: async () => {
      await killServer(temporal);
      temporal = await startTemporal();
    },
  };
  return {
    temporalAddress: temporal.address,
    mongodbUri: mongo.uri,
    kill: (victim, random) => kills[victim](random),
    said: () => said,
    metrics: () => Promise.all(workers.map(readMetrics)),
    stop: async () => {
      await Promise.all(workers.map(({ worker }) => killProcess(worker)));
      await Promise.all([mongo.stop(), temporal.stop()]);
      await rm(dataDir, { recursive: true, force: true });
    },
  };
}

async function readMetrics({ metricsAddress }: WorkerProcess): Promise<string> {
  const answer = await fetch(`http://${metricsAddress}/metrics`);
  return answer.text();
}

async function killProcess(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const exit = once(child, 'exit');
  child.kill('SIGKILL');
  await exit;
}

async function killServer({ pid, ended, stop }: EmbeddedMongo | EmbeddedTemporal): Promise<void> {
  process.kill(pid, 'SIGKILL');
  await ended;
  // Frees the lock on its folder.
  await stop();
}

/** Settings of an account that reads the fake API, with delays short enough for a test. */
export function chaosSettings(invoca: FakeInvoca, account: string): Record<string, string> {
  return {
    MONGODB_DATABASE: 'chaos',
    INVOCA_ACCOUNT: account,
    INVOCA_BASE_URL: invoca.baseUrl,
    INVOCA_ID: invoca.networkId,
    INVOCA_TOKEN: invoca.token,
    INVOCA_TIME_ZONE: 'America/Los_Angeles',
    INVOCA_PAGE_LIMIT: '100',
    INVOCA_REQUESTS_PER_SECOND: '1000',
    INVOCA_TRANSCRIPT_DELAYS: '1s',
    INVOCA_TRANSCRIPT_DEADLINE: '2s',
    CALLWEAVE_LOG_LEVEL: 'info',
    CALLWEAVE_LOG_FORMAT: 'json',
  };
}
