import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { aCall, aField, aSignal } from '../../support/a-transaction.js';
import { aMerge, rowsOf } from '../../support/call-rows.js';
import { lineErrors } from '../../support/line-errors.js';
import { runCommandLine, type CliRun } from '../../support/run-cli.js';
import { useTestDatabase } from '../../support/test-database.js';

const mongodb = useTestDatabase();

function exported(...args: string[]): Promise<CliRun> {
  const env = {
    MONGODB_URI: mongodb.uri,
    MONGODB_DATABASE: mongodb.database,
    INVOCA_BASE_URL: 'https://acme.invoca.net',
    INVOCA_ID: '1',
    INVOCA_TOKEN: 'token-of-a-test',
    INVOCA_ACCOUNT: 'acme',
  };
  return runCommandLine({ argv: ['export', ...args], env });
}

describe('callweave export', () => {
  it('reads names with commas between, quoted as in CSV, or of a repeated option', async () => {
    const nested = [aSignal('Over 60s, paid', true), aSignal('a "b"', false), aField('utm.medium', '=1')];
    await mongodb.store.calls.mergeTransactions(aMerge('acme', rowsOf('C-1', [aCall('T-1', {}, { nested })])));
    const table = ['--format', 'csv', '--columns', 'callId, account', '--columns', 'erased'];

    const run = await exported(
      ...table,
      '--signals',
      'Quote,"over 60s, paid"',
      '--signals=" a ""b"""',
      '--custom-data',
    );

    expect(run.stderr).toBe('acme: 1 call\n');
    expect(run.stdout).toBe(
      'callId,account,erased,signal.Quote,"signal.over 60s, paid","signal. a ""b""",custom.utm.medium\n' +
        `C-1,acme,false,,true,,'=1\n`,
    );
    expect((await exported(...table, '--signals')).stdout).toContain(
      'erased,"signal.a ""b""","signal.Over 60s, paid"\n',
    );
    const lines = (await exported()).stdout.trim().split('\n');
    expect(lines.flatMap((line) => lineErrors(JSON.parse(line)))).toEqual([]);
  });

  it.each([
    { args: ['--columns', 'callId'], says: '--columns is for tables' },
    { args: ['--signals'], says: '--signals is for tables' },
    { args: ['--custom-data', 'x', '--format', 'ndjson'], says: '--custom-data is for tables' },
    { args: ['--format', 'csv', '--columns', 'callId,nothing.x'], says: '--columns nothing.x is not a column' },
    { args: ['--format', 'csv', '--columns', 'callId,,account'], says: 'Give names with commas between' },
    { args: ['--format', 'csv', '--columns', 'callId,'], says: 'Give names with commas between' },
    { args: ['--format', 'csv', '--columns='], says: 'Give names with commas between' },
    { args: ['--format', 'csv', '--signals', '"Quote'], says: 'Give names with commas between' },
    { args: ['--format', 'csv', '--columns'], says: 'argument missing' },
  ])('refuses $args as wrong usage', async ({ args, says }) => {
    const run = await exported(...args);

    expect(run).toMatchObject({ exitCode: 2, stdout: '' });
    expect(run.stderr).toContain(says);
  });
});

describe('callweave schema', () => {
  it('prints the schema of docs/call.schema.json, without any settings', async () => {
    const run = await runCommandLine({ argv: ['schema'] });
    const file = readFileSync(new URL('../../../docs/call.schema.json', import.meta.url), 'utf8');

    expect(run).toMatchObject({ exitCode: 0, stderr: '' });
    expect(JSON.parse(run.stdout)).toEqual(JSON.parse(file));
    expect((await runCommandLine({ argv: ['schema', '--json'] })).stdout).toBe(run.stdout);
  });
});
