import { randomUUID } from 'node:crypto';
import { msToTs } from '@temporalio/common/lib/time.js';
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { defaultDataDir } from '../../src/commands/kit/context.js';
import { writeDevInstance } from '../../src/settings/dev-instance.js';
import type { TemporalTarget } from '../../src/temporal/server/connect.js';
import { connectTemporal, type OpenedConnection } from '../support/temporal-connection.js';
import { startTemporalProxy } from '../support/temporal-proxy.js';
import { runCommandLine, type CliRun } from '../support/run-cli.js';
import { temporaryFolder } from '../support/temporary-folder.js';
import { useTestDatabase } from '../support/test-database.js';

const mongodb = useTestDatabase();

/** Values of `INDEXED_VALUE_TYPE_TEXT` and `_KEYWORD` in the API. */
const TYPES = { text: 1, keyword: 2 };

let opened: OpenedConnection;
beforeAll(async () => {
  opened = await connectTemporal(inject('temporalAddress'));
});
afterAll(() => opened.close());

async function namespaceWith(searchAttributes?: Readonly<Record<string, number>>): Promise<string> {
  const { connection } = opened;
  const namespace = `test-${randomUUID()}`;
  await connection.workflowService.registerNamespace({
    namespace,
    workflowExecutionRetentionPeriod: msToTs('1 day'),
  });
  if (searchAttributes !== undefined) {
    await connection.operatorService.addSearchAttributes({ namespace, searchAttributes });
  }
  return namespace;
}

/** The most Keyword attributes that a server on SQL accepts. */
const TEN = Object.fromEntries(Array.from({ length: 10 }, (_, index) => [`Other${index}`, TYPES.keyword]));

function run(namespace: string, ...argv: string[]): Promise<CliRun> {
  return runThrough({ address: inject('temporalAddress'), namespace }, ...argv);
}

/** Runs a command line with the Temporal server at an address. */
function runThrough(
  { address, namespace, cwd = '/nowhere' }: TemporalTarget & { cwd?: string },
  ...argv: string[]
): Promise<CliRun> {
  const env = {
    MONGODB_URI: mongodb.uri,
    MONGODB_DATABASE: mongodb.database,
    INVOCA_BASE_URL: 'http://127.0.0.1:1',
    INVOCA_ID: '1',
    INVOCA_TOKEN: 'not-asked-for',
    INVOCA_TIME_ZONE: 'UTC',
    TEMPORAL_ADDRESS: address,
    TEMPORAL_NAMESPACE: namespace,
  };
  // The SDK reads the address of Temporal from the environment of the process.
  Object.assign(process.env, { TEMPORAL_ADDRESS: address, TEMPORAL_NAMESPACE: namespace });
  return runCommandLine({ argv, env, cwd });
}

const DAYS = ['--from', '2025-03-01', '--to', '2025-03-02'];

describe('commands on a new namespace', () => {
  it('show that there is nothing yet', async () => {
    const fresh = await namespaceWith();

    const status = await run(fresh, 'status');
    expect(status, status.stderr).toMatchObject({ exitCode: 0, stderr: '' });
    expect(status.stdout).toContain('the schedule drain/invoca is missing; create it with `callweave schedule apply`');
    expect(await run(fresh, 'backfill', 'list', '--account', 'invoca')).toMatchObject({ exitCode: 0 });
  });

  it('link to no Web UI if that of a running callweave dev is unknown', async () => {
    const [fresh, cwd, address] = [await namespaceWith(), await temporaryFolder(), inject('temporalAddress')];
    const { uri: mongodbUri, database: mongodbDatabase } = mongodb;
    const instance = { pid: process.pid, temporalAddress: address, mongodbUri, mongodbDatabase, webUrl: null };
    writeDevInstance({ dataDir: defaultDataDir(cwd), instance: { ...instance, sample: null } });
    await run(fresh, 'schedule', 'apply');

    const { stdout, stderr } = await runThrough({ address, namespace: fresh, cwd }, 'drain', '--json');

    expect(stderr).toContain('using the servers of the running `callweave dev`');
    expect(JSON.parse(stdout)).toMatchObject({ workflowId: 'drain/invoca', url: null });
  });

  it('name what to do before anything can be started', async () => {
    const fresh = await namespaceWith();

    for (const command of [['drain'], ['transcripts'], ['backfill', ...DAYS], ['verify', ...DAYS]]) {
      const started = await run(fresh, ...command);
      expect(started, command.join(' ')).toMatchObject({ exitCode: 1, stdout: '' });
      expect(started.stderr).toMatch(/^error: the namespace \S+ lacks callweave’s search attributes: /);
      expect(started.stderr).toContain('run `callweave schedule apply` or start a worker to register them');
    }
    expect(await run(fresh, 'schedule', 'apply')).toMatchObject({ exitCode: 0, stderr: '' });
    expect(await run(fresh, 'drain')).toMatchObject({ exitCode: 0, stdout: 'drain/invoca\n' });
  });
});

describe('callweave schedule apply', () => {
  it('names the reason if search attributes cannot be registered, and works once there is room for them', async () => {
    const full = await namespaceWith(TEN);

    const refused = await run(full, 'schedule', 'apply');
    expect(refused).toMatchObject({ exitCode: 1, stdout: '' });
    expect(refused.stderr).toContain(
      'cannot have more than 10 search attribute of type Keyword. If the namespace is full',
    );
    expect(refused.stderr).toContain(`temporal operator search-attribute remove --namespace ${full} --name NAME`);

    const searchAttributes = Object.keys(TEN).slice(0, 2);
    await opened.connection.operatorService.removeSearchAttributes({ namespace: full, searchAttributes });
    expect(await run(full, 'schedule', 'apply')).toMatchObject({ exitCode: 0, stderr: '' });
  });

  it('refuses attributes with our names and another type', async () => {
    const odd = await namespaceWith({ CallweaveAccount: TYPES.text });

    const refused = await run(odd, 'schedule', 'apply');

    expect(refused).toMatchObject({ exitCode: 1, stdout: '' });
    expect(refused.stderr).toContain('these have another: CallweaveAccount.');
  });
});

describe('a namespace that does not exist', () => {
  it.each([['status'], ['drain'], ['schedule apply'], ['schedule show'], ['backfill list'], ['worker']])(
    'is named by `%s`',
    async (command) => {
      const refused = await run('no-such-namespace', ...command.split(' '));

      expect(refused).toMatchObject({ exitCode: 1, stdout: '' });
      expect(refused.stderr).toContain(
        `error: Temporal at ${inject('temporalAddress')} has no namespace no-such-namespace: check TEMPORAL_NAMESPACE`,
      );
    },
  );
});

/** Refuses the operator service, which Temporal Cloud does not offer to the key of a namespace. */
function withoutOperatorService(status: number): Promise<string> {
  return startTemporalProxy((method) => (method.startsWith('OperatorService/') ? status : null));
}

/** Returns the lines that callweave prints if it may not register the attributes. */
function commandsFor(namespace: string): string {
  return [
    'Have an administrator run:',
    `  temporal operator search-attribute create --namespace ${namespace} --name CallweaveAccount --type Keyword --name CallweaveMode --type Keyword`,
    'If this is Temporal Cloud, run this instead, with the Cloud extension of Temporal’s CLI (or create them in the Cloud UI):',
    `  temporal cloud namespace search-attribute create --namespace ${namespace} --name CallweaveAccount --type Keyword`,
    `  temporal cloud namespace search-attribute create --namespace ${namespace} --name CallweaveMode --type Keyword`,
  ].join('\n');
}

describe.each([
  ['PERMISSION_DENIED', 7],
  ['UNIMPLEMENTED', 12],
])('a server that refuses its operator service with %s', (_name, status) => {
  it('is used without a warning if the namespace has the search attributes', async () => {
    const target = {
      address: await withoutOperatorService(status),
      namespace: await namespaceWith({ CallweaveAccount: TYPES.keyword, CallweaveMode: TYPES.keyword }),
    };

    const applied = await runThrough(target, 'schedule', 'apply');
    expect(applied).toMatchObject({ exitCode: 0, stderr: '' });
    expect(applied.stdout).toContain('drain/invoca: created');
    expect(await runThrough(target, 'drain')).toMatchObject({ exitCode: 0, stdout: 'drain/invoca\n' });
    expect(await runThrough(target, 'status')).toMatchObject({ exitCode: 0, stderr: '' });
  });

  it('is told which commands an administrator has to run if it lacks them', async () => {
    const target = { address: await withoutOperatorService(status), namespace: await namespaceWith() };

    for (const command of [['schedule', 'apply'], ['drain'], ['dev']]) {
      const refused = await runThrough(target, ...command);
      expect(refused, command.join(' ')).toMatchObject({ exitCode: 1 });
      expect(refused.stderr, command.join(' ')).toContain(commandsFor(target.namespace));
      expect(refused.stderr.split('temporal operator').length, command.join(' ')).toBe(2);
    }
  });
});

describe('a server that refuses', () => {
  it.each([
    ['to describe task queues', 'WorkflowService/DescribeTaskQueue'],
    ['to list search attributes', 'OperatorService/ListSearchAttributes'],
  ])('%s still shows the status', async (_what, refused) => {
    const namespace = await namespaceWith({ CallweaveAccount: TYPES.keyword, CallweaveMode: TYPES.keyword });
    const address = await startTemporalProxy((method) => (method === refused ? 7 : null));

    expect(await runThrough({ address, namespace }, 'status')).toMatchObject({ exitCode: 0, stderr: '' });
  });

  it.each([
    ['the credentials, at the connection', 'GetSystemInfo', 16],
    ['the namespace', 'StartWorkflowExecution', 7],
  ])('%s is told from one that is not there', async (_what, refused, code) => {
    const namespace = await namespaceWith({ CallweaveAccount: TYPES.keyword, CallweaveMode: TYPES.keyword });
    const address = await startTemporalProxy((method) => (method === `WorkflowService/${refused}` ? code : null));

    expect(await runThrough({ address, namespace }, 'drain')).toEqual({
      exitCode: 1,
      stdout: '',
      stderr:
        `error: Temporal at ${address} refuses access to the namespace ${namespace}: Request unauthorized. Check ` +
        'TEMPORAL_NAMESPACE, and TEMPORAL_API_KEY or the client certificate: it must have the right to write\n',
    });
  });
});
