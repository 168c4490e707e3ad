import { once } from 'node:events';
import { createServer, type AddressInfo } from 'node:net';
import { Long } from 'mongodb';
import { ConnectionString } from 'mongodb-connection-string-url';
import { afterEach, describe, expect, inject, it, onTestFinished, vi } from 'vitest';
import { checksText } from '../../src/commands/check/check-text.js';
import type { CheckResult } from '../../src/operations/check/check-result.js';
import { pauseSchedule } from '../../src/temporal/schedules/schedule-operations.js';
import { startFaultyMongo, type FaultyMongo } from '../support/faulty-mongodb.js';
import { minimalRows, startInvoca } from '../support/fake-invoca.js';
import { startConnectProxy } from '../support/connect-proxy.js';
import { discovering, withOtherReplicaSet } from '../support/other-replica-set.js';
import { callweave, invocaSettings, serverSettings } from '../support/program.js';
import { runCommandLine, type CliRun } from '../support/run-cli.js';
import { useTestDatabase } from '../support/test-database.js';
import { useTestNamespace } from '../support/temporal-namespace.js';
import { temporaryFolder } from '../support/temporary-folder.js';
import { startTemporalProxy } from '../support/temporal-proxy.js';

const temporal = useTestNamespace();
const mongodb = useTestDatabase();

afterEach(() => {
  vi.unstubAllEnvs();
});

interface Checked extends CliRun {
  readonly ok: boolean;
  readonly checks: readonly CheckResult[];
  /** Returns the check with this id. */
  readonly of: (id: string) => CheckResult | undefined;
}

/** Runs a command for an account that nothing answers for, unless the settings say otherwise. */
function run(argv: readonly string[], settings: Readonly<Record<string, string>>): Promise<CliRun> {
  const env: Record<string, string> = {
    ...serverSettings({ namespace: temporal.namespace, database: mongodb.database }),
    INVOCA_BASE_URL: 'http://127.0.0.1:1',
    INVOCA_ID: '1',
    INVOCA_TOKEN: 'not-asked-for',
    ...settings,
  };
  // The SDK reads the address of Temporal from the environment of the process.
  vi.stubEnv('TEMPORAL_ADDRESS', env['TEMPORAL_ADDRESS']);
  vi.stubEnv('TEMPORAL_NAMESPACE', env['TEMPORAL_NAMESPACE']);
  return runCommandLine({ argv, env });
}

async function check(settings: Readonly<Record<string, string>> = {}): Promise<Checked> {
  const ran = await run(['check', '--json'], settings);
  const { ok, checks } = JSON.parse(ran.stdout) as { ok: boolean; checks: CheckResult[] };
  return { ...ran, ok, checks, of: (id) => checks.find((each) => each.id === id) };
}

function statesOf({ checks }: Checked, prefix: string): Record<string, string> {
  return Object.fromEntries(checks.filter(({ id }) => id.startsWith(prefix)).map(({ id, state }) => [id, state]));
}

/** A server that accepts connections and never answers. */
async function startSilentServer(): Promise<string> {
  const sockets = new Set<{ destroy: () => unknown }>();
  const server = createServer((socket) => sockets.add(socket.on('error', () => undefined))).listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(() => {
    server.close();
    for (const socket of sockets) socket.destroy();
  });
  return `127.0.0.1:${String((server.address() as AddressInfo).port)}`;
}

describe('callweave check', { timeout: 30_000 }, () => {
  it('names what is missing and what to do, exits with 0 if nothing failed, and leaves nothing behind', async () => {
    const settings = invocaSettings(await startInvoca({ rows: minimalRows(3) }), 'checked');
    const collections = async () => (await mongodb.db.listCollections().toArray()).map(({ name }) => name).sort();
    const before = await collections();
    const warnings: string[] = [];
    const onWarning = ({ name }: Error): unknown => warnings.push(name);
    process.on('warning', onWarning);
    onTestFinished(() => {
      process.off('warning', onWarning);
    });

    const fresh = await check(settings);

    expect(warnings).not.toContain('MaxListenersExceededWarning');

    expect(fresh, fresh.stdout).toMatchObject({ exitCode: 0, ok: true });
    expect(statesOf(fresh, 'mongodb.')).toEqual({
      'mongodb.connection': 'ok',
      'mongodb.version': 'ok',
      'mongodb.write': 'ok',
      'mongodb.clock': 'ok',
      'mongodb.indexes': 'ok',
    });
    expect(statesOf(fresh, 'temporal.')).toEqual({
      'temporal.connection': 'ok',
      'temporal.namespace': 'ok',
      'temporal.search-attributes': 'ok',
      'temporal.schedules': 'warning',
      'temporal.workers': 'warning',
      'temporal.rate': 'ok',
    });
    expect(fresh.of('temporal.workers')).toMatchObject({
      account: null,
      message: 'no worker polls callweave, callweave-api-checked',
    });
    expect(fresh.of('temporal.schedules')).toMatchObject({
      message: 'missing: drain/checked, transcripts/checked',
      advice: 'Create what is missing with `callweave schedule apply`',
    });
    expect(await collections()).toEqual(before);
    const { config } = await temporal.client.workflowService.describeTaskQueue({
      ...Object.fromEntries([['taskQueueType', 2]]),
      namespace: temporal.namespace,
      taskQueue: { name: 'callweave-check' },
      reportConfig: true,
    });
    expect(config?.queueRateLimit?.rateLimit ?? null).toBeNull();

    await run(['schedule', 'apply'], settings);
    expect((await check(settings)).of('temporal.schedules')).toMatchObject({ state: 'ok', advice: null });
    await pauseSchedule(temporal.client, 'drain/checked', 'by a test');
    expect((await check(settings)).of('temporal.schedules')).toMatchObject({
      state: 'warning',
      message: 'paused: drain/checked',
    });
    await run(['schedule', 'remove'], settings);
  });

  it('names a namespace that does not exist, and skips what depends on it', async () => {
    const checked = await check({ TEMPORAL_NAMESPACE: 'no-such-namespace' });

    expect(checked).toMatchObject({ exitCode: 3, ok: false });
    expect(checked.of('temporal.namespace')).toMatchObject({
      state: 'failed',
      message: `Temporal at ${inject('temporalAddress')} has no namespace no-such-namespace`,
      advice:
        'Check TEMPORAL_NAMESPACE, or create it with `temporal operator namespace create --address ' +
        `${inject('temporalAddress')} --namespace no-such-namespace\``,
    });
    expect(checked.of('temporal.rate')).toMatchObject({
      state: 'skipped',
      message: 'not tried, because temporal.namespace failed',
    });
  });

  it('gives up silent servers, asks no source without MongoDB, and shows no password', async () => {
    const silent = await startSilentServer();
    const beganMs = Date.now();

    const checked = await check({
      TEMPORAL_ADDRESS: silent,
      MONGODB_URI: `mongodb://user:a-long-password@${silent}/?directConnection=true`,
    });

    expect(Date.now() - beganMs).toBeLessThan(15_000);
    expect(checked.exitCode).toBe(3);
    expect(checked.of('temporal.connection')).toMatchObject({
      state: 'failed',
      message: expect.stringContaining('no answer within 5 seconds') as string,
    });
    expect(checked.of('mongodb.connection')).toMatchObject({ state: 'failed' });
    const others = checked.checks.filter(({ id }) => !id.endsWith('.connection'));
    expect(new Set(others.map(({ state }) => state))).toEqual(new Set(['skipped']));
    expect(others.filter(({ account }) => account === 'invoca')).not.toEqual([]);
    expect(checked.stdout).not.toContain('a-long-password');
  });

  it('names a proxy that is silent, before a server and before a source, and ends as a process', async () => {
    const silent = await startSilentServer();
    const beganMs = Date.now();

    const program = callweave(['check', '--json'], {
      cwd: await temporaryFolder(),
      env: {
        ...serverSettings({ namespace: temporal.namespace, database: mongodb.database }),
        TEMPORAL_ADDRESS: 'temporal.example.test:7233',
        INVOCA_BASE_URL: 'https://api.example.test',
        INVOCA_ID: '1',
        INVOCA_TOKEN: 'not-asked-for',
        INVOCA_TIME_ZONE: 'UTC',
        HTTPS_PROXY: `http://me:a-long-password@${silent}`,
      },
    });
    const { exitCode, stdout, stderr } = await program;

    expect(Date.now() - beganMs).toBeLessThan(15_000);
    expect(exitCode, stderr).toBe(3);
    const { checks } = JSON.parse(stdout) as { checks: CheckResult[] };
    const ofSource = checks.filter(({ account }) => account === 'invoca');
    expect(ofSource.map(({ state }) => state)).toEqual(['failed', ...Array<string>(5).fill('skipped')]);
    expect(ofSource[0]?.message).toContain(
      `the proxy ${silent} (HTTPS_PROXY) did not connect to api.example.test:443 in time`,
    );
    expect(ofSource[0]?.advice).not.toContain('INVOCA_BASE_URL');
    expect(checks[0]).toMatchObject({
      state: 'failed',
      message:
        `connecting to Temporal at temporal.example.test:7233 through the proxy ${silent} (HTTPS_PROXY): ` +
        'no answer within 5 seconds',
      advice: expect.stringContaining('HTTPS_PROXY with its user and password') as string,
    });
    expect(`${stdout}${stderr}`).not.toContain('a-long-password');
  });

  it('names a proxy that refuses', async () => {
    const { host } = await startConnectProxy({ hosts: {}, status: 407 });
    vi.stubEnv('HTTPS_PROXY', `http://${host}`);

    const checked = await check({ TEMPORAL_ADDRESS: 'temporal.example.test:7233' });

    expect(checked.of('temporal.connection')?.message).toBe(
      `connecting to Temporal at temporal.example.test:7233 through the proxy ${host} (HTTPS_PROXY) failed: ` +
        'the proxy cannot be reached, or does not connect to it',
    );
  });

  it('names the reason why servers cannot be connected to', async () => {
    const wrongLogin = new ConnectionString(mongodb.uri);
    wrongLogin.username = 'nobody';
    wrongLogin.password = 'a-long-password';

    const checked = await check({
      TEMPORAL_ADDRESS: '127.0.0.1:1',
      MONGODB_URI: wrongLogin.toString(),
    });

    expect(checked.of('temporal.connection')?.message).toBe(
      'connecting to Temporal at 127.0.0.1:1 failed: connect ECONNREFUSED 127.0.0.1:1',
    );
    expect(checked.of('mongodb.connection')?.advice).toMatch(/^Check the user and the password in MONGODB_URI/);
    expect(checked.stdout).not.toContain('a-long-password');
  });

  it('names another replica set than that of MONGODB_URI', async () => {
    const checked = await check({ MONGODB_URI: withOtherReplicaSet(discovering(mongodb.uri)) });

    const { state, message, advice } = checked.of('mongodb.connection') ?? {};
    expect(state).toBe('failed');
    expect(message).toContain('the connection string names the replica set no-such-set, but ');
    expect(message).not.toContain(advice);
    expect(advice).toMatch(/^(Write replicaSet=|Leave replicaSet out)/);
  });

  it('names every wrong setting, and an unknown account, and exits with 2', async () => {
    const wrong = await run(['check'], { MONGODB_URI: 'nonsense', INVOCA_ID: '', CALLWEAVE_TRANSCRIPT_CHILDREN: 'x' });
    expect(wrong).toMatchObject({ exitCode: 2, stdout: '' });
    for (const name of ['MONGODB_URI', 'INVOCA_ID', 'CALLWEAVE_TRANSCRIPT_CHILDREN']) {
      expect(wrong.stderr).toContain(`- ${name} `);
    }
    expect(await run(['check', '--account', 'nobody'], {})).toMatchObject({ exitCode: 2, stdout: '' });
  });
});

describe('the rights at Temporal', () => {
  it('are warned of if the limit of a queue cannot be set, and fail the check if attributes cannot be registered', async () => {
    const { namespace, client } = temporal;
    const names = ['CallweaveAccount', 'CallweaveMode'];
    await client.connection.operatorService.removeSearchAttributes({ namespace, searchAttributes: names });
    onTestFinished(async () => {
      await client.connection.operatorService.addSearchAttributes({
        namespace,
        searchAttributes: Object.fromEntries(names.map((name) => [name, 2])),
      });
    });
    const allowed = await check();
    expect(allowed.of('temporal.search-attributes')).toMatchObject({
      state: 'warning',
      message: `the namespace ${namespace} lacks CallweaveAccount, CallweaveMode`,
    });

    const proxy = await startTemporalProxy((method) =>
      method.startsWith('OperatorService/') || method.endsWith('/UpdateTaskQueueConfig') ? 7 : null,
    );
    const refused = await check({ TEMPORAL_ADDRESS: proxy });

    expect(refused.exitCode).toBe(3);
    expect(refused.of('temporal.search-attributes')).toMatchObject({
      state: 'failed',
      advice: expect.stringContaining(
        `temporal operator search-attribute create --namespace ${namespace} --name CallweaveAccount`,
      ) as string,
    });
    expect(refused.of('temporal.rate')).toMatchObject({
      state: 'warning',
      message: expect.stringContaining('do not adapt to 429 answers') as string,
    });
  });
});

describe('the check of MongoDB', () => {
  const isTrial = (command: { collection: string }): boolean => command.collection.startsWith('callweave_check_');
  const refusal = { ok: 0, code: 13, codeName: 'Unauthorized', errmsg: 'not authorized on test' } as const;

  async function checkThrough(prepare: (proxy: FaultyMongo) => void): Promise<Checked> {
    const proxy = await startFaultyMongo(mongodb.uri);
    prepare(proxy);
    return check({ MONGODB_URI: proxy.uri });
  }

  it('names the missing right to write', async () => {
    const checked = await checkThrough((proxy) => {
      proxy.plan((command) => command.name === 'insert' && isTrial(command), [refusal]);
    });

    expect(checked.of('mongodb.write')).toMatchObject({
      state: 'failed',
      message: expect.stringContaining('not authorized on test') as string,
      advice: 'Give the user of MONGODB_URI the role readWrite on the database',
    });
  });

  it('names the collection that it may not remove', async () => {
    const checked = await checkThrough((proxy) => {
      proxy.plan((command) => command.name === 'drop' && isTrial(command), [refusal]);
    });

    const { state, message = '', advice } = checked.of('mongodb.write') ?? {};
    expect(state).toBe('warning');
    expect(advice).toContain('the role readWrite');
    const [name = ''] = /callweave_check_[-\w]+/.exec(message) ?? [];
    expect(await mongodb.db.dropCollection(name)).toBe(true);
  });

  it('fails for a server that counts updates in another way, an old one, and one whose clock is wrong', async () => {
    const checked = await checkThrough((proxy) => {
      proxy.change(
        (command) => command.name === 'update' && isTrial(command),
        (reply) => ({ ...reply, nModified: Long.fromNumber(1) }),
      );
      proxy.change(
        (command) => command.name === 'hello',
        (reply) => ({ ...reply, localTime: new Date(Date.now() - 60_000) }),
      );
    });
    expect(checked.of('mongodb.version')).toMatchObject({
      state: 'failed',
      message: expect.stringContaining('two writers of one call would overwrite each other unnoticed') as string,
    });
    expect(checked.of('mongodb.write')).toMatchObject({ state: 'ok' });
    expect(checked.of('mongodb.clock')?.message).toMatch(/^the clock of the server is \d+ seconds behind/);
    expect(checked.of('mongodb.clock')).toMatchObject({ state: 'failed' });

    const old = await checkThrough((proxy) => {
      proxy.change(
        (command) => command.name === 'buildInfo',
        (reply) => ({ ...reply, version: '4.2.24' }),
      );
    });
    expect(old.of('mongodb.version')).toMatchObject({ state: 'failed', message: 'the server is MongoDB 4.2.24' });
  });

  it('warns of indexes that are not made, and makes none', async () => {
    const { db } = mongodb;
    await db.collection('pages').dropIndex('stream_cursorIn');

    const checked = await check();

    expect(checked.of('mongodb.indexes')).toMatchObject({
      state: 'warning',
      message: 'indexes not made yet: pages.stream_cursorIn',
    });
    await mongodb.store.ensureIndexes();
    expect((await check()).of('mongodb.indexes')).toMatchObject({ state: 'ok' });
  });
});

describe('the text of a check', () => {
  it('is one line per check, with what to do, and further lines only for commands', () => {
    const text = checksText([
      { id: 'mongodb.write', account: null, state: 'ok', message: 'written', advice: null },
      { id: 'source.rows', account: 'a', state: 'failed', message: 'none\u001b[2J.', advice: 'Run this:\n  a command' },
    ]);

    expect(text.split('\n')).toEqual([
      'ok       mongodb.write   written',
      'failed   a: source.rows  none\\u{1b}[2J. Run this:',
      '      a command',
    ]);
  });
});
