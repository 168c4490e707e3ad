import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { msToTs } from '@temporalio/common/lib/time.js';
import { execa } from 'execa';
import getPort from 'get-port';
import { describe, expect, it, onTestFinished } from 'vitest';
import { startFaultyMongo } from '../support/faulty-mongodb.js';
import { minimalRows, startInvoca } from '../support/fake-invoca.js';
import { runCommandLine } from '../support/run-cli.js';
import { callweave, invocaSettings, serverSettings, untilSaid } from '../support/program.js';
import { startTemporalProxy } from '../support/temporal-proxy.js';
import { useTestNamespace } from '../support/temporal-namespace.js';
import { temporaryFolder } from '../support/temporary-folder.js';
import { useTestDatabase } from '../support/test-database.js';

const temporal = useTestNamespace();
const mongodb = useTestDatabase();

/** Settings of a proxy that answers nothing: a request through it fails. */
const noProxyIsThere = Object.fromEntries(
  ['http_proxy', 'https_proxy', 'all_proxy', 'grpc_proxy']
    .flatMap((name) => [name, name.toUpperCase()])
    .map((name) => [name, 'http://me:sesame-proxy@127.0.0.1:1']),
);

/** Returns the HTTP status; null while nothing answers. */
async function statusOf(url: string): Promise<number | null> {
  try {
    return (await fetch(url)).status;
  } catch {
    return null;
  }
}

async function aborted(signal: AbortSignal): Promise<void> {
  if (!signal.aborted) await once(signal, 'abort');
}

/** Runs the health check of the Docker image. */
async function isHealthy(healthAddress: string): Promise<boolean> {
  const dockerfile = readFileSync(new URL('../../Dockerfile', import.meta.url), 'utf8');
  const [program = '', ...args] = JSON.parse(
    /^HEALTHCHECK .*\\\n *CMD (\[.*\])$/m.exec(dockerfile)?.[1] ?? '[]',
  ) as string[];
  const { exitCode } = await execa(program, args, {
    env: { CALLWEAVE_HEALTH_ADDRESS: healthAddress },
    reject: false,
  });
  expect(exitCode).toBeOneOf([0, 1]);
  return exitCode === 0;
}

describe('the program `callweave worker`', () => {
  it('shares the work with another process of the other role', async () => {
    const account = `a-${randomUUID().slice(0, 8)}`;
    const env = {
      ...serverSettings({ namespace: temporal.namespace, database: mongodb.database }),
      ...invocaSettings(await startInvoca({ rows: minimalRows(3) }), account),
      INVOCA_RECONCILE_DAYS: '0',
    };
    const cwd = await temporaryFolder();

    const workflows = callweave(['worker', '--role', 'workflows'], { cwd, env });
    const api = callweave(['worker', '--role', 'api', '--account', account], { cwd, env });
    await Promise.all([untilSaid(workflows, 'worker is running'), untilSaid(api, 'worker is running')]);
    const drain = await callweave(['drain', '--wait', '--json'], { cwd, env });
    const { stdout } = await callweave(['status', '--json'], { cwd, env });
    workflows.kill('SIGTERM');
    api.kill('SIGTERM');

    expect(drain.exitCode, drain.stderr).toBe(0);
    expect(JSON.parse(drain.stdout)).toMatchObject({ rows: 3 });
    expect(JSON.parse(stdout)).toMatchObject({
      accounts: [
        {
          workers: [
            { taskQueue: 'callweave', pollers: 1 },
            { taskQueue: `callweave-api-${account}`, pollers: 1 },
          ],
        },
      ],
    });
    expect((await Promise.all([workflows, api])).map(({ exitCode }) => exitCode)).toEqual([0, 0]);
  });

  it.each([
    ['an unknown role', ['--role', 'api2'], 'workflows, api, all'],
    ['an unknown account', ['--account', 'nobody'], 'nobody'],
    [
      'accounts for the role without APIs',
      ['--role', 'workflows', '--account', 'invoca'],
      '--role workflows serves none',
    ],
  ])('refuses %s', async (_what, args, said) => {
    const env = { INVOCA_BASE_URL: 'https://example.invoca.net', INVOCA_ID: '1', INVOCA_TOKEN: 'a-token' };
    const { exitCode, stderr } = await runCommandLine({ argv: ['worker', ...args], env });

    expect(stderr).toContain(said);
    expect(exitCode).toBe(2);
  });

  it('waits for an administrator if it may not register search attributes, and then drains', async () => {
    const namespace = `test-${randomUUID()}`;
    const { connection } = temporal.client;
    await connection.workflowService.registerNamespace({
      namespace,
      workflowExecutionRetentionPeriod: msToTs('1 day'),
    });
    const address = await startTemporalProxy((method) => (method.startsWith('OperatorService/') ? 7 : null));
    const account = `a-${randomUUID().slice(0, 8)}`;
    const env = {
      ...serverSettings({ namespace, database: mongodb.database }),
      ...invocaSettings(await startInvoca({ rows: minimalRows(3) }), account),
      INVOCA_RECONCILE_DAYS: '0',
      TEMPORAL_ADDRESS: address,
    };
    const cwd = await temporaryFolder();

    const worker = callweave(['worker'], { cwd, env });
    await untilSaid(worker, 'worker is running');
    const searchAttributes: Readonly<Record<string, number>> = { CallweaveAccount: 2, CallweaveMode: 2 };
    await connection.operatorService.addSearchAttributes({ namespace, searchAttributes });
    const drain = await callweave(['drain', '--wait'], { cwd, env });
    worker.kill('SIGTERM');

    expect(drain.exitCode, drain.stderr).toBe(0);
    expect(await mongodb.db.collection('calls').countDocuments({ account })).toBe(3);
    const { exitCode, stderr } = await worker;
    expect(exitCode).toBe(0);
    const lines = stderr
      .split('\n')
      .filter((line) => line.includes('"level":"warn"') && !line.includes('sdkComponent'));
    expect(lines).toHaveLength(1);
    const { advice } = JSON.parse(lines[0] ?? '{}') as { advice: string[] };
    expect(advice).toContain(
      `  temporal cloud namespace search-attribute create --namespace ${namespace} --name CallweaveMode --type Keyword`,
    );
    const dev = await callweave(['dev', '--once'], { cwd, env: { ...env, CALLWEAVE_LOG_LEVEL: 'error' } });
    expect(dev.exitCode, dev.stderr).toBe(0);
    expect(dev.stderr).not.toMatch(/search.attribute|administrator/i);
  });

  it('serves health and metrics until SIGTERM, also while indexes are built, without a proxy or a secret', async () => {
    const healthAddress = `localhost:${await getPort()}`;
    const metricsAddress = `localhost:${await getPort()}`;
    const database = `${mongodb.database}_new`;
    onTestFinished(async () => {
      await mongodb.db.client.db(database).dropDatabase();
    });
    const proxy = await startFaultyMongo(mongodb.uri);
    const asked = new AbortController();
    const allowed = new AbortController();
    proxy.before(
      ({ name }) => name === 'createIndexes',
      async () => {
        asked.abort();
        await aborted(allowed.signal);
      },
    );
    const worker = callweave(['worker'], {
      cwd: await temporaryFolder(),
      env: {
        ...serverSettings({ namespace: temporal.namespace, database }),
        ...invocaSettings(await startInvoca(), 'invoca'),
        ...noProxyIsThere,
        MONGODB_URI: proxy.uri,
        TEMPORAL_API_KEY: ' ',
        TEMPORAL_TLS: '',
        TEMPORAL_GRPC_META_X_KEY: 'sesame-meta\n',
        CALLWEAVE_HEALTH_ADDRESS: healthAddress,
        CALLWEAVE_METRICS_ADDRESS: metricsAddress,
        CALLWEAVE_LOG_LEVEL: 'trace',
      },
    });

    await aborted(asked.signal);
    expect(await statusOf(`http://${healthAddress}/healthz`)).toBe(200);
    expect(await statusOf(`http://${healthAddress}/readyz`)).toBe(503);
    allowed.abort();
    while ((await statusOf(`http://${healthAddress}/readyz`)) !== 200) await sleep(50);
    expect(await statusOf(`http://${healthAddress}/healthz`)).toBe(200);
    expect(await isHealthy(healthAddress)).toBe(true);
    expect(await statusOf(`http://${metricsAddress}/metrics`)).toBe(200);
    worker.kill('SIGTERM');

    const { exitCode, stdout, stderr } = await worker;
    expect(exitCode).toBe(0);
    expect(stdout + stderr).not.toContain('sesame');
    expect(stderr).toContain('building indexes; work begins when they are there');
    expect(stderr).toContain('indexes are built');
    expect(await statusOf(`http://${healthAddress}/healthz`)).toBeNull();
    expect(await isHealthy(healthAddress)).toBe(false);
  });

  it('ends on SIGTERM while indexes are built, and with an error on an unsuitable server', async () => {
    const database = `${mongodb.database}_never`;
    const proxy = await startFaultyMongo(mongodb.uri);
    const env = {
      ...serverSettings({ namespace: temporal.namespace, database }),
      ...invocaSettings(await startInvoca(), 'invoca'),
      MONGODB_URI: proxy.uri,
    };
    const asked = new AbortController();
    proxy.before(
      ({ name }) => name === 'createIndexes',
      () => {
        asked.abort();
        return new Promise(() => undefined);
      },
    );
    const worker = callweave(['worker'], { cwd: await temporaryFolder(), env });
    await aborted(asked.signal);
    worker.kill('SIGTERM');
    expect((await worker).exitCode).toBe(0);

    proxy.change(
      ({ name }) => name === 'update',
      (reply) => ({ ...reply, nModified: reply['n'] }),
    );
    const { exitCode, stderr } = await callweave(['worker'], { cwd: await temporaryFolder(), env });
    expect(exitCode).toBe(1);
    expect(stderr).toContain('an update that changes nothing must count as 0 modified');
  });
});
