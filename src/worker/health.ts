import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Worker } from '@temporalio/worker';
import { listen } from './listen.js';

/** The time after which a silent database counts as unreachable; probes commonly give up after 5 seconds. */
const PING_TIMEOUT_MS = 2_000;

export interface ServeHealthInput {
  /** `host:port` */
  readonly address: string;
  /** Rejects when the database does not answer. */
  readonly ping: () => Promise<void>;
}

/** The parts of a worker that show its state. */
export type WatchedWorker = Pick<Worker, 'getState' | 'getStatus'> & {
  readonly options: Pick<Worker['options'], 'taskQueue'>;
};

export interface HealthServer {
  /** Watches these workers. Until this is called, the process is alive and not ready. */
  watch(workers: readonly WatchedWorker[]): void;
  /** Stops serving. */
  close(): Promise<void>;
}

/**
 * Serves `/healthz` (no worker has failed) and `/readyz` (all workers poll for tasks and the database answers). Both
 * answer 200, or 503 with one reason per line.
 * @throws an error with the address and its setting, if the address cannot be used
 */
export async function serveHealth({ address, ping }: ServeHealthInput): Promise<HealthServer> {
  let watched: readonly WatchedWorker[] = [];
  const checks: Readonly<Record<string, () => Promise<string[]>>> = {
    '/healthz': () => Promise.resolve(failures(watched)),
    '/readyz': async () => [...idleWorkers(watched), ...(await databaseTrouble(ping))],
  };
  const server = createServer((request, response) => {
    const check = checks[request.url?.split('?', 1)[0] ?? ''];
    response.setHeader('content-type', 'text/plain');
    if (check === undefined) {
      response.writeHead(404).end('Only /healthz and /readyz exist.\n');
      return;
    }
    void check().then((reasons) => {
      response.writeHead(reasons.length === 0 ? 200 : 503).end(`${reasons.join('\n') || 'ok'}\n`);
    });
  });
  await listen(server, { what: 'the health checks', address, setting: 'CALLWEAVE_HEALTH_ADDRESS' });
  return {
    watch: (workers) => {
      watched = workers;
    },
    close: () => close(server),
  };
}

function failures(workers: readonly WatchedWorker[]): string[] {
  return workers
    .filter((worker) => worker.getState() === 'FAILED')
    .map((worker) => `the worker of ${worker.options.taskQueue} has failed`);
}

function idleWorkers(workers: readonly WatchedWorker[]): string[] {
  if (workers.length === 0) return ['the workers are starting'];
  return workers
    .filter((worker) => !isPolling(worker))
    .map((worker) => `the worker of ${worker.options.taskQueue} takes no tasks: it is ${worker.getState()}`);
}

/** True if a worker polls. One without workflows reports its workflow poller as shut down from the start. */
function isPolling(worker: WatchedWorker): boolean {
  const { runState, workflowPollerState, activityPollerState } = worker.getStatus();
  const pollers = [workflowPollerState, activityPollerState];
  return runState === 'RUNNING' && pollers.includes('POLLING') && !pollers.includes('FAILED');
}

async function databaseTrouble(ping: () => Promise<void>): Promise<string[]> {
  const isAnswered = ping().then(
    () => true,
    () => false,
  );
  const isInTime = await Promise.race([isAnswered, sleep(PING_TIMEOUT_MS, false, { ref: false })]);
  return isInTime ? [] : ['MongoDB does not answer'];
}

async function close(server: Server): Promise<void> {
  const closed = once(server, 'close');
  server.close();
  server.closeAllConnections();
  await closed;
}
