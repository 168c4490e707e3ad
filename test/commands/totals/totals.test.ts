import { beforeAll, describe, expect, it } from 'vitest';
import { totalsTable } from '../../../src/commands/totals/totals-text.js';
import { aCall, aSignal } from '../../support/a-transaction.js';
import { aMerge, rowsOf } from '../../support/call-rows.js';
import { runCommandLine } from '../../support/run-cli.js';
import { useTestDatabase } from '../../support/test-database.js';

const test = useTestDatabase();

const SETTINGS = {
  INVOCA_BASE_URL: 'https://example.invoca.net',
  INVOCA_ID: '1',
  INVOCA_TOKEN: 'no-token',
  INVOCA_TIME_ZONE: 'America/Los_Angeles',
};
const DAYS = ['--from', '2024-10-31', '--to', '2024-11-05'];

function totals(args: readonly string[], settings: Readonly<Record<string, string>> = {}) {
  const env = { MONGODB_URI: test.uri, MONGODB_DATABASE: test.database, ...SETTINGS, ...settings };
  return runCommandLine({ argv: ['totals', ...args], env });
}

function aCallAt(callId: string, start: string | null, columns: Readonly<Record<string, string | number>>) {
  const started = start === null ? {} : { start_time_utc: Date.parse(start) };
  return rowsOf(callId, [aCall(callId, { ...started, ...columns }, { nested: [aSignal('Quote', true)] })]);
}

beforeAll(async () => {
  const calls = [
    aCallAt('A', '2024-11-03T07:00:00Z', { duration: 60, revenue: '0.10', advertiser_campaign_name: '=1+1' }),
    aCallAt('B', '2024-11-04T07:59:59Z', { duration: 1_000, revenue: '-3', advertiser_campaign_name: 'a, b' }),
    aCallAt('C', '2024-11-05T18:00:00Z', { connect_duration: 5, advertiser_campaign_name: '=1+1' }),
    aCallAt('D', null, { duration: 1 }),
  ];
  await test.store.calls.mergeTransactions(aMerge('invoca', calls.flat()));
});

describe('callweave totals', () => {
  it('prints the rows and the total for a program', async () => {
    const run = await totals([...DAYS, '--by', 'month', '--json']);

    expect(run.exitCode, run.stderr).toBe(0);
    const month = { key: '2024-11', calls: 3, callTransactions: 3, durationSeconds: 1_060, connectSeconds: 5 };
    const unknown = { key: null, calls: 1, callTransactions: 1, durationSeconds: 1, connectSeconds: 0 };
    const { key: _, ...total } = { ...month, calls: 4, callTransactions: 4, durationSeconds: 1_061 };
    expect(JSON.parse(run.stdout)).toEqual({
      account: 'invoca',
      timeZone: 'America/Los_Angeles',
      from: '2024-10-31',
      to: '2024-11-05',
      by: 'month',
      rows: [
        { ...month, revenue: '-2.90', transcripts: 0 },
        { ...unknown, revenue: '0', transcripts: 0 },
      ],
      total: { ...total, revenue: '-2.90', transcripts: 0 },
    });
  });

  it('prints a table per day with its gaps and the total, and says which days may lack calls', async () => {
    const run = await totals(DAYS);

    expect(run.exitCode, run.stderr).toBe(0);
    expect(run.stdout).toBe(
      [
        'invoca: calls by day, 2024-10-31 to 2024-11-05, days in America/Los_Angeles',
        '',
        'day                       calls  legs  seconds  connected  revenue  transcripts',
        '2024-10-31 to 2024-11-02      0',
        '2024-11-03                    2     2    1,060          0    -2.90            0',
        '2024-11-04                    0',
        '2024-11-05                    1     1        0          5        0            0',
        '(no start)                    1     1        1          0        0            0',
        'total                         4     4    1,061          5    -2.90            0',
        '',
      ].join('\n'),
    );
    expect(run.stderr).toContain('6 days of 2024-10-31 to 2024-11-05 may lack calls');
  });

  it('prints CSV that a spreadsheet does not run', async () => {
    const run = await totals([...DAYS, '--by', 'campaign', '--format', 'csv']);

    expect(run.stdout).toBe(
      'key,calls,callTransactions,durationSeconds,connectSeconds,revenue,transcripts\n' +
        `'=1+1,2,2,60,5,0.10,0\n"a, b",1,1,1000,0,-3,0\n,1,1,1,0,0,0\n`,
    );
  });

  it.each([
    { args: DAYS, settings: { INVOCA_TIME_ZONE: '' }, says: 'INVOCA_TIME_ZONE' },
    { args: [...DAYS, '--json', '--format', 'csv'], says: '--json and --format csv' },
    { args: [...DAYS, '--by', 'caller'], says: 'day, month, campaign, result, signal' },
    { args: ['--from', '1900-01-01', '--to', '2024-11-05'], says: '--by month' },
    { args: ['--from', '2024-11-05', '--to', '2024-11-04'], says: 'is after --to' },
  ])('refuses $args without a count: $says', async ({ args, settings, says }) => {
    const run = await totals(args, settings);

    expect(run).toMatchObject({ exitCode: 2, stdout: '' });
    expect(run.stderr).toContain(says);
  });
});

describe('totalsTable', () => {
  it('has a bar per line that shows its part of the calls, if asked for bars', () => {
    const figures = { callTransactions: 0, durationSeconds: 0, connectSeconds: 0, revenue: null, transcripts: 0 };
    const rows = [100, 49, 1].map((calls) => ({ key: `${calls} calls`, calls, ...figures }));
    const account = { account: 'invoca', timeZone: 'UTC', from: '2024-11-03', to: '2024-11-03', by: 'result' } as const;
    const table = totalsTable({ ...account, rows, total: { calls: 150, ...figures } }, { withBars: true });

    expect(table.rows.map((line) => line.slice(-3))).toEqual([
      ['out of range', '0', '█'.repeat(10)],
      ['out of range', '0', '█'.repeat(5)],
      ['out of range', '0', '█'],
      ['out of range', '0', ''],
    ]);
  });
});
