import { randomUUID } from 'node:crypto';
import { Connection } from '@temporalio/client';
import { msToTs } from '@temporalio/common/lib/time.js';
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { runCommandLine, type CliRun } from '../support/run-cli.js';
import { useTestDatabase } from '../support/test-database.js';

const mongodb = useTestDatabase();

/** Values of `INDEXED_VALUE_TYPE_TEXT` and `_KEYWORD` in the API. */
const TYPES = { text: 1, keyword: 2 };

let connection: Connection;
beforeAll(async () => {
  connection = await Connection.connect({ address: inject('temporalAddress') });
});
afterAll(() => connection.close());

async function namespaceWith(searchAttributes?: Readonly<Record<string, number>>): Promise<string> {
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
  const env = {
    MONGODB_URI: mongodb.uri,
    MONGODB_DATABASE: mongodb.database,
    INVOCA_BASE_URL: 'http://127.0.0.1:1',
    INVOCA_ID: '1',
    INVOCA_TOKEN: 'not-asked-for',
    INVOCA_TIME_ZONE: 'UTC',
    TEMPORAL_ADDRESS: inject('temporalAddress'),
    TEMPORAL_NAMESPACE: namespace,
  };
  // The SDK reads the address of Temporal from the environment of the process.
  Object.assign(process.env, { TEMPORAL_ADDRESS: env.TEMPORAL_ADDRESS, TEMPORAL_NAMESPACE: namespace });
  return runCommandLine({ argv, env });
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
    await connection.operatorService.removeSearchAttributes({ namespace: full, searchAttributes });
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
