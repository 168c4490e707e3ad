import { randomUUID } from 'node:crypto';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { CheckResult } from '../../../src/operations/check/check-result.js';
import type { StatusReport } from '../../../src/operations/status.js';
import { describeAlertSchedule } from '../../../src/temporal/schedules/alert-schedule.js';
import { startAlertReceiver, type AlertReceiver } from '../../support/alert-receiver.js';
import { serverSettings } from '../../support/program.js';
import { runCommandLine, type CliRun } from '../../support/run-cli.js';
import { useTestDatabase } from '../../support/test-database.js';
import { useTestNamespace } from '../../support/temporal-namespace.js';

const temporal = useTestNamespace();
const mongodb = useTestDatabase();
const accounts = ['east', 'west'];

beforeEach(async () => {
  await mongodb.db.collection('alerts').deleteMany({});
});
afterEach(() => {
  vi.unstubAllEnvs();
});

/** Runs a command line for one account that nothing answers for. */
async function run(argv: readonly string[], settings: Readonly<Record<string, string>> = {}): Promise<CliRun> {
  const env: Record<string, string> = {
    ...serverSettings({ namespace: temporal.namespace, database: mongodb.database }),
    INVOCA_BASE_URL: 'http://127.0.0.1:1',
    INVOCA_ID: '1',
    INVOCA_TOKEN: 'not-asked-for',
    INVOCA_ACCOUNT: 'east',
    CREDIRA_API_KEY: 'not-asked-for',
    CREDIRA_BASE_URL: 'http://127.0.0.1:1',
    CREDIRA_ACCOUNT: 'west',
    ...settings,
  };
  // The SDK reads the address of Temporal from the environment of the process.
  vi.stubEnv('TEMPORAL_ADDRESS', env['TEMPORAL_ADDRESS']);
  vi.stubEnv('TEMPORAL_NAMESPACE', env['TEMPORAL_NAMESPACE']);
  const ran = await runCommandLine({ argv, env });
  expect(ran.stdout + ran.stderr).not.toContain('SECRET');
  return ran;
}

async function json<T>(argv: readonly string[], settings: Readonly<Record<string, string>> = {}): Promise<T> {
  const ran = await run([...argv, '--json'], settings);
  return JSON.parse(ran.stdout) as T;
}

function urlOf({ url }: AlertReceiver): Record<string, string> {
  return { CALLWEAVE_ALERT_URL: url.href };
}

/** Notes an alert as a worker does that has not posted it yet. */
async function raise({ account, refused = false }: { account: string; refused?: boolean }): Promise<void> {
  const key = { account, code: 'late' } as const;
  const at = new Date('2025-06-09T12:00:00Z');
  const about = { state: 'raised', message: `${account} is late`, since: null } as const;
  const post = {
    ...about,
    id: randomUUID(),
    at,
    count: null,
    attempts: 0,
    nextAt: at,
    trouble: null,
    refusedSince: null,
  };
  await mongodb.store.alerts.note({ ...key, ...about, post });
  const { id } = post;
  const failed = { attempts: 1, nextAt: at, trouble: '404', refusedSince: at };
  if (refused) await mongodb.store.alerts.failed(key, { id, ...failed });
  else await mongodb.store.alerts.told(key, post, at);
}

describe('callweave alerts test', () => {
  it('posts one alert, and exits with 0 only if the answer is 2xx', async () => {
    const receiver = await startAlertReceiver();

    expect(await json(['alerts', 'test'], urlOf(receiver))).toEqual({ ok: true, reason: null });
    expect(await run(['alerts', 'test'], { ...urlOf(receiver), CALLWEAVE_ALERT_FORMAT: 'slack' })).toMatchObject({
      exitCode: 0,
      stdout: 'the alert URL took a test\n',
    });
    receiver.answer = () => 404;
    expect(await run(['alerts', 'test'], urlOf(receiver))).toMatchObject({
      exitCode: 1,
      stdout: 'the alert URL did not take a test: 404\n',
    });
    expect(receiver.alerts()[0]).toMatchObject({ account: null, code: 'test', state: 'raised' });
    expect(receiver.requests[1]?.body).toContain('"text":":red_circle: Raised *test*');
  });

  it('exits with 2 without an alert URL, or with one by plain http to another machine, which it does not show', async () => {
    expect(await run(['alerts', 'test'])).toMatchObject({ exitCode: 2, stdout: '' });
    const plain = await run(['alerts', 'test'], { CALLWEAVE_ALERT_URL: 'http://hooks.example.com/SECRET' });
    expect(plain).toMatchObject({ exitCode: 2, stdout: '' });
    expect(plain.stderr).toContain('CALLWEAVE_ALERT_URL must be a URL that begins with https://');
  });
});

describe('callweave alerts', () => {
  it('list shows what was told, mute says until when nothing is, and 0s ends that', async () => {
    expect((await run(['alerts', 'list'])).stdout).toBe('no alerts yet\n');
    await raise({ account: 'east' });
    await raise({ account: 'gone' });

    const before = Date.now();
    const muted = await json<{ mutedUntil: string }[]>(['alerts', 'mute', 'late', '--for', '2h']);
    expect(muted).toMatchObject(['east', 'west', 'gone'].map((account) => ({ account, code: 'late' })));
    expect(Date.parse(muted[0]?.mutedUntil ?? '')).toBeGreaterThanOrEqual(before + 7_200_000);

    const told = { toldAt: '2025-06-09T12:00:00.000Z', mutedUntil: muted[0]?.mutedUntil, trouble: null };
    const about = { code: 'late', since: null };
    expect(await json(['alerts', 'list'])).toEqual([
      { ...about, account: 'east', state: 'raised', message: 'east is late', ...told },
      { ...about, account: 'gone', state: 'raised', message: 'gone is late', ...told },
      { ...about, account: 'west', state: 'resolved', message: null, ...told, toldAt: null },
    ]);
    expect((await run(['alerts', 'list'])).stdout).toContain('east is late');

    const ended = await run(['alerts', 'mute', 'late', '--account', 'east', '--for', '0s']);
    expect(ended).toMatchObject({ exitCode: 0, stdout: 'east: late is not muted\n' });
    const mutes = await json<{ account: string; mutedUntil: string | null }[]>(['alerts', 'list']);
    expect(mutes.filter(({ mutedUntil }) => mutedUntil !== null).map(({ account }) => account)).toEqual([
      'gone',
      'west',
    ]);
  });

  it('mute notes a code of the installation once, and says if a code is never posted', async () => {
    expect(await json(['alerts', 'mute', 'unknown-schedules', '--for', '1m'])).toMatchObject([{ account: null }]);
    const never = await run(['alerts', 'mute', 'no-worker', '--for', '1m']);
    expect(never).toMatchObject({ exitCode: 0, stderr: expect.stringContaining('never posted') as string });
    expect(accounts.every((account) => never.stdout.includes(`${account}: no-worker is muted until`))).toBe(true);
  });

  it.each([
    ['an unknown code', ['mute', 'lates', '--for', '1h'], '"lates" is not a code (the nearest is late)'],
    ['no time', ['mute', 'late'], '--for'],
    ['no duration', ['mute', 'late', '--for', '1'], 'It must be a duration'],
    [
      'an unknown account',
      ['mute', 'late', '--for', '1h', '--account', 'north'],
      'no suitable account is named "north"',
    ],
    [
      'an account for a code of the installation',
      ['mute', 'unknown-schedules', '--for', '1h', '--account', 'east'],
      'is about the whole installation',
    ],
  ])('mute exits with 2 for %s', async (_what, argv, said) => {
    const ran = await run(['alerts', ...argv]);
    expect(ran).toMatchObject({ exitCode: 2, stdout: '', stderr: expect.stringContaining(said) as string });
    expect(await mongodb.store.alerts.list()).toEqual([]);
  });
});

describe('the schedule of alerts', { timeout: 60_000 }, () => {
  interface Applied {
    readonly scheduleId: string;
    readonly action: string;
  }

  const ofAlerts = (results: readonly Applied[]) => results.filter(({ scheduleId }) => scheduleId === 'alerts');

  it('is made and removed with the URL by `schedule apply`, and meant by the others unless an account is named', async () => {
    const url = urlOf(await startAlertReceiver());
    const planned = await json<Applied[]>(['schedule', 'apply', '--dry-run'], url);
    expect(ofAlerts(planned)).toMatchObject([{ scheduleId: 'alerts', action: 'create' }]);
    expect(ofAlerts(await json(['schedule', 'apply', '--account', 'east'], url))).toEqual([]);
    expect(ofAlerts(await json(['schedule', 'apply'], url))).toMatchObject([{ action: 'created' }]);
    expect(ofAlerts(await json(['schedule', 'apply', '--dry-run'], url))).toMatchObject([{ action: 'none' }]);
    const schedule = await describeAlertSchedule(temporal.client);
    expect(schedule?.spec.intervals).toMatchObject([{ every: 60_000 }]);
    expect(schedule?.policies).toMatchObject({ overlap: 'SKIP', catchupWindow: 600_000 });
    expect(schedule?.action).toMatchObject({ workflowType: 'alerts', workflowId: 'alerts', taskQueue: 'callweave' });

    expect(ofAlerts(await json(['schedule', 'pause', '--account', 'east'], url))).toEqual([]);
    expect(ofAlerts(await json(['schedule', 'pause', '--note', 'quiet'], url))).toMatchObject([{ found: true }]);
    expect(ofAlerts(await json(['schedule', 'apply'], url))).toMatchObject([{ action: 'updated', paused: true }]);
    expect(ofAlerts(await json(['schedule', 'show'], url))).toMatchObject([
      { account: null, state: 'paused', note: 'quiet', intervalMs: 60_000 },
    ]);
    expect(ofAlerts(await json(['schedule', 'apply', '--dry-run']))).toMatchObject([{ action: 'remove' }]);
    expect(ofAlerts(await json(['schedule', 'apply']))).toMatchObject([{ action: 'removed' }]);
    expect(ofAlerts(await json(['schedule', 'apply']))).toEqual([]);
    expect(await describeAlertSchedule(temporal.client)).toBeNull();
  });

  it('and refused posts are shown by `status` and `check` while the URL is set', async () => {
    const url = urlOf(await startAlertReceiver());
    await raise({ account: 'east', refused: true });
    await raise({ account: 'west', refused: true });

    const installation = async (settings: Record<string, string>) =>
      (await json<Pick<StatusReport, 'attention'>>(['status'], settings)).attention.filter(
        ({ account }) => account === null,
      );
    expect(await installation(url)).toMatchObject([
      { code: 'schedule-missing' },
      {
        code: 'alerts-refused',
        message: expect.stringContaining('the alert URL does not take 2 posts (404)') as string,
        since: '2025-06-09T12:00:00.000Z',
      },
    ]);
    expect(await installation({})).toEqual([]);

    const checked = await json<{ checks: CheckResult[] }>(['check'], url);
    const of = (id: string) => checked.checks.find((result) => result.id === id);
    expect(of('alerts-refused')).toMatchObject({ account: null, state: 'failed' });
    expect(of('temporal.schedules')?.message).toMatch(/missing: alerts\b/);
    await mongodb.db.collection('alerts').deleteMany({});
    const well = await json<{ checks: CheckResult[] }>(['check'], url);
    expect(well.checks.find(({ id }) => id === 'alerts-refused')).toMatchObject({ state: 'ok', advice: null });
  });
});
