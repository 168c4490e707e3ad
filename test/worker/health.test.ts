import { randomUUID } from 'node:crypto';
import { createServer } from 'node:net';
import { once } from 'node:events';
import type { WorkerStatus } from '@temporalio/worker';
import getPort from 'get-port';
import { onTestFinished, describe, expect, it } from 'vitest';
import { createApiActivities } from '../../src/activities/api-activities.js';
import type { ActivityDependencies } from '../../src/activities/dependencies.js';
import { createStoreActivities } from '../../src/activities/store-activities.js';
import { serveHealth, type HealthServer, type WatchedWorker } from '../../src/worker/health.js';
import { runWorkers } from '../../src/worker/run-workers.js';
import { useTestNamespace } from '../support/temporal-namespace.js';
import { fixedRates } from '../support/request-rates.js';
import { useTestDatabase } from '../support/test-database.js';

const temporal = useTestNamespace();
const mongodb = useTestDatabase();

interface ServedHealth extends HealthServer {
  /** Returns the status and the body. */
  ask(path: string): Promise<[number, string]>;
}

async function serve(ping: () => Promise<void> = () => mongodb.store.ping()): Promise<ServedHealth> {
  const address = `127.0.0.1:${await getPort()}`;
  const health = await serveHealth({ address, ping });
  onTestFinished(() => health.close());
  return {
    ...health,
    ask: async (path) => {
      const response = await fetch(`http://${address}${path}`);
      return [response.status, await response.text()];
    },
  };
}

interface RunningWorkers {
  readonly account: string;
  /** The promise of `runWorkers`. */
  readonly ended: Promise<void>;
  /** Tells the workers to stop; `ended` resolves when they have. */
  stop(): void;
}

/** Starts the workers of an account and resolves when they have begun to poll. */
async function startWorkers(health: HealthServer): Promise<RunningWorkers> {
  const account = `a-${randomUUID().slice(0, 8)}`;
  const deps: ActivityDependencies = {
    store: mongodb.store,
    rates: fixedRates,
    feeds: new Map(),
    invoices: new Map(),
    transcripts: new Map(),
    now: () => new Date(),
  };
  const stop = new AbortController();
  const running = new AbortController();
  const ended = runWorkers({
    connection: temporal.connection,
    namespace: temporal.namespace,
    storeActivities: createStoreActivities(deps),
    apiActivities: createApiActivities(deps),
    accounts: [{ name: account, requestsPerSecond: 1 }],
    signal: stop.signal,
    onRunning: (workers) => {
      health.watch(workers);
      running.abort();
    },
  });
  onTestFinished(async () => {
    stop.abort();
    await Promise.allSettled([ended]);
  });
  await Promise.race([ended, once(running.signal, 'abort')]);
  return { account, ended, stop: () => stop.abort() };
}

const IDLE: WorkerStatus = {
  runState: 'STOPPED',
  workflowPollerState: 'SHUTDOWN',
  activityPollerState: 'SHUTDOWN',
  hasOutstandingWorkflowPoll: false,
  hasOutstandingActivityPoll: false,
  numInFlightWorkflowActivations: 0,
  numInFlightActivities: 0,
  numInFlightNonLocalActivities: 0,
  numInFlightLocalActivities: 0,
  numCachedWorkflows: 0,
  numHeartbeatingActivities: 0,
};

describe('the health of a worker', () => {
  it('is alive and not ready while it starts', async () => {
    const health = await serve();

    expect(await health.ask('/healthz')).toEqual([200, 'ok\n']);
    expect(await health.ask('/readyz')).toEqual([503, 'the workers are starting\n']);
  });

  it('is ready while its workers poll, those without workflows too', async () => {
    const health = await serve();

    await startWorkers(health);

    expect(await health.ask('/readyz')).toEqual([200, 'ok\n']);
    expect(await health.ask('/healthz')).toEqual([200, 'ok\n']);
  });

  it('is alive and not ready as soon as it is told to stop', async () => {
    const health = await serve();
    const workers = await startWorkers(health);

    workers.stop();
    const atOnce = await health.ask('/readyz');
    await workers.ended;

    expect(atOnce[0]).toBe(503);
    expect(await health.ask('/readyz')).toEqual([
      503,
      'the worker of callweave takes no tasks: it is STOPPED\n' +
        `the worker of callweave-api-${workers.account} takes no tasks: it is STOPPED\n`,
    ]);
    expect(await health.ask('/healthz')).toEqual([200, 'ok\n']);
  });

  it('is not alive once a worker has failed', async () => {
    const health = await serve();
    // No real worker can be made to fail reliably, so only the answer to its state is tested.
    const failed: WatchedWorker = {
      options: { taskQueue: 'callweave' },
      getState: () => 'FAILED',
      getStatus: () => ({ ...IDLE, runState: 'FAILED' }),
    };

    health.watch([failed]);

    expect(await health.ask('/healthz')).toEqual([503, 'the worker of callweave has failed\n']);
    expect(await health.ask('/readyz')).toEqual([503, 'the worker of callweave takes no tasks: it is FAILED\n']);
  });

  it('is not ready while MongoDB refuses connections or does not answer', async () => {
    const refused = await serve(() => Promise.reject(new Error('connection refused')));
    const silent = await serve(() => new Promise(() => undefined));
    await startWorkers({
      ...refused,
      watch: (workers) => {
        refused.watch(workers);
        silent.watch(workers);
      },
    });

    expect(await refused.ask('/readyz')).toEqual([503, 'MongoDB does not answer\n']);
    expect(await refused.ask('/healthz')).toEqual([200, 'ok\n']);
    expect(await silent.ask('/readyz')).toEqual([503, 'MongoDB does not answer\n']);
  });

  it('has no other pages', async () => {
    const health = await serve();

    expect((await health.ask('/'))[0]).toBe(404);
    expect((await health.ask('/readyz?verbose'))[0]).toBe(503);
  });

  it('names the setting of an address that is taken', async () => {
    const other = createServer().listen(0, '127.0.0.1');
    await once(other, 'listening');
    onTestFinished(() => void other.close());
    const { port } = other.address() as { port: number };

    await expect(serveHealth({ address: `127.0.0.1:${port}`, ping: () => Promise.resolve() })).rejects.toThrow(
      /^Cannot serve the health checks at 127\.0\.0\.1:\d+: .*EADDRINUSE.* Set CALLWEAVE_HEALTH_ADDRESS/,
    );
  });

  it('is served at an IPv6 address as well', async () => {
    const port = await getPort({ host: '::1' });
    const health = await serveHealth({ address: `[::1]:${port}`, ping: () => Promise.resolve() });
    onTestFinished(() => health.close());

    expect((await fetch(`http://[::1]:${port}/healthz`)).status).toBe(200);
  });
});
