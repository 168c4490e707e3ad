import { describe, expect, it } from 'vitest';
import { coverageText } from '../../../src/commands/coverage/coverage-text.js';
import { daysOf } from '../../../src/domain/days/days.js';
import type { DayCoverage } from '../../../src/store/feed/coverage.js';
import { runCommandLine } from '../../support/run-cli.js';
import { useTestDatabase } from '../../support/test-database.js';

const test = useTestDatabase();
const timeZone = 'America/Los_Angeles';

function coverageOf(account: string, ...args: string[]) {
  const env = {
    MONGODB_URI: test.uri,
    MONGODB_DATABASE: test.database,
    INVOCA_BASE_URL: 'https://example.invoca.net',
    INVOCA_ID: '1',
    INVOCA_TOKEN: 'no-token',
    INVOCA_ACCOUNT: account,
    INVOCA_TIME_ZONE: timeZone,
  };
  return runCommandLine({ argv: ['coverage', ...args], env });
}

async function drainedWindow(account: string, window: { from: string; to: string }): Promise<void> {
  const stream = `backfill/${account}/${window.from}..${window.to}#run`;
  await test.store.checkpoints.open({ stream, account, cursor: null, pageLimit: 100, window });
  await test.store.checkpoints.caughtUp({ stream, seq: 0, at: new Date() });
}

describe('callweave coverage', () => {
  it('ends with 0 if every day is complete', async () => {
    await drainedWindow('whole', { from: '2024-03-01', to: '2024-03-05' });

    const run = await coverageOf('whole', '--from', '2024-03-01', '--to', '2024-03-05');

    expect(run.exitCode, run.stderr).toBe(0);
    expect(run.stdout).toContain('2024-03  █████\n');
    expect(run.stdout).not.toContain('Not complete');
  });

  it('shows the gaps as ranges, how to fill them, and ends with 3', async () => {
    await drainedWindow('holes', { from: '2024-02-28', to: '2024-03-01' });

    const run = await coverageOf('holes', '--from', '2024-02-27', '--to', '2024-03-05');

    expect(run.exitCode, run.stderr).toBe(3);
    expect(run.stdout).toContain(`2024-02  ${' '.repeat(26)}·██\n2024-03  █····\n`);
    expect(run.stdout).toMatch(/2024-03-02 to 2024-03-05 +never/);
    expect(run.stdout).toContain('callweave backfill --from 2024-02-27 --to 2024-03-05');
  });

  it.each([[[]], [['--from', '2024-03-01']], [['--to', '2024-03-01']]])(
    'asks for both days if %j is given',
    async (args) => {
      const run = await coverageOf('days', ...args);

      expect(run).toMatchObject({ exitCode: 2, stdout: '' });
      expect(run.stderr).toContain('which days? Give --from and --to');
    },
  );

  it('lists the days for a program', async () => {
    await drainedWindow('listed', { from: '2024-03-01', to: '2024-03-01' });

    const run = await coverageOf('listed', '--from', '2024-03-01', '--to', '2024-03-02', '--json');

    expect(run.exitCode, run.stderr).toBe(3);
    expect(JSON.parse(run.stdout)).toEqual([
      { day: '2024-03-01', state: 'complete', rows: 0, calls: 0 },
      { day: '2024-03-02', state: 'never', rows: 0, calls: 0 },
    ]);
  });

  it('refuses an impossible range', async () => {
    const run = await coverageOf('whole', '--from', '2024-03-02', '--to', '2024-03-01');

    expect(run.exitCode).toBe(2);
    expect(run.stderr).toContain('--from 2024-03-02 is after --to 2024-03-01');
  });
});

describe('coverageText', () => {
  const days = daysOf({ from: '2023-12-30', to: '2024-03-09' }).map((day, index): DayCoverage => ({
    day,
    state: index === 70 ? 'partial' : 'complete',
    rows: index === 70 ? 3 : 20,
    calls: index === 70 ? 2 : 10,
  }));

  it('aligns the marks with the days of the ruler, one line per month', () => {
    const lines = coverageText({ account: 'invoca', timeZone, now: new Date('2024-03-10T05:00:00Z'), days }).split(
      '\n',
    );
    const ruler = lines.find((line) => line.includes(' 5 ')) ?? '';
    const march = lines.find((line) => line.startsWith('2024-03')) ?? '';

    expect(march[ruler.indexOf('5')]).toBe('█');
    expect(march.indexOf('▒')).toBe(ruler.indexOf('10') - 1);
    expect(lines.filter((line) => /^\d{4}-\d\d {2}/.test(line))).toHaveLength(4);
    expect(lines).toContain('70 days complete: 700 calls, 1,400 rows');
    expect(lines.join('\n')).toMatch(/2024-03-09 +partial, 2 calls stored, today is not over/);
  });

  it('lists today separately, because no backfill completes it, and proposes a backfill of the other days', () => {
    const partial = { state: 'partial', rows: 2, calls: 1 } as const;
    const last = ['2024-03-08', '2024-03-09'].map((day) => ({ ...partial, day }));
    const report = { account: 'invoca', timeZone, now: new Date('2024-03-10T05:00:00Z') };

    const text = coverageText({ ...report, days: last });
    expect(text).toMatch(/2024-03-08 +partial, 1 call stored\n +2024-03-09 +partial, 1 call stored, today is not over/);
    expect(text).toContain('backfill --from 2024-03-08 --to 2024-03-08`');
    expect(coverageText({ ...report, days: last.slice(1) })).not.toContain('backfill');
  });
});
