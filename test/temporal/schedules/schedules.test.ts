import { DateTime } from 'luxon';
import { describe, expect, it } from 'vitest';
import { sampleAccount } from '../../../src/settings/sample-account.js';
import type { InvocaAccount } from '../../../src/settings/settings.js';
import { timeZone } from '../../../src/settings/time-zone.js';
import { listOwnSchedules } from '../../../src/temporal/schedules/own-schedules.js';
import {
  describeSchedule,
  pauseSchedule,
  removeSchedule,
  resumeSchedule,
} from '../../../src/temporal/schedules/schedule-operations.js';
import { applySchedules, type AppliedSchedule, schedulesOf } from '../../../src/temporal/schedules/schedules.js';
import { scheduleWarnings } from '../../../src/temporal/schedules/schedule-warnings.js';
import { useTestNamespace } from '../../support/temporal-namespace.js';

const temporal = useTestNamespace();

function accountNamed(name: string, changes: Partial<InvocaAccount> = {}): InvocaAccount {
  const sample = sampleAccount({ baseUrl: 'http://127.0.0.1:1', token: 'none', networkId: '1' });
  return { ...sample, name, pollIntervalMs: 300_000, ...changes };
}

async function apply(account: InvocaAccount): Promise<AppliedSchedule | undefined> {
  return (await applySchedules(temporal.client, account)).find(({ scheduleId }) => scheduleId.startsWith('drain/'));
}

describe('the drain schedule', () => {
  it('starts the live drain of its account at the poll interval, never two at once', async () => {
    expect(await apply(accountNamed('first'))).toEqual({ scheduleId: 'drain/first', action: 'created', paused: false });

    const schedule = await describeSchedule(temporal.client, 'drain/first');

    expect(schedule?.policies).toMatchObject({ overlap: 'SKIP', catchupWindow: 600_000, pauseOnFailure: false });
    expect(schedule?.spec.intervals).toHaveLength(1);
    expect(schedule?.spec.intervals?.[0]?.every).toBe(300_000);
    expect(schedule?.spec.jitter).toBeFalsy();
    expect(schedule?.action).toMatchObject({
      workflowType: 'drain',
      workflowId: 'drain/first',
      taskQueue: 'callweave',
    });
  });

  it('has a fixed offset in the interval, which differs between accounts', () => {
    const offsets = Array.from({ length: 20 }, (_unused, index) => {
      const options = schedulesOf(accountNamed(`account-${index}`));
      expect(schedulesOf(accountNamed(`account-${index}`))).toEqual(options);
      return options[0]?.spec.intervals?.[0]?.offset;
    });

    expect(new Set(offsets).size).toBeGreaterThan(10);
  });

  it('is made to match changed settings, and stays paused if an operator paused it', async () => {
    await apply(accountNamed('second'));
    await pauseSchedule(temporal.client, 'drain/second', 'maintenance at the vendor');

    const applied = await apply(accountNamed('second', { pollIntervalMs: 600_000 }));

    expect(applied).toEqual({ scheduleId: 'drain/second', action: 'updated', paused: true });
    const schedule = await describeSchedule(temporal.client, 'drain/second');
    expect(schedule?.spec.intervals?.map(({ every }) => every)).toEqual([600_000]);
    expect(schedule?.state).toMatchObject({ paused: true, note: 'maintenance at the vendor' });
  });

  it.each([
    "o'neil",
    "x' OR CallweaveAccount = 'quoted",
    "quoted' OR 'a' = 'a",
    "quoted'--",
    "\\' OR CallweaveAccount = 'quoted",
    'quoted\\',
    '"quoted"',
  ])('is listed for its account alone, and not for one named %s', async (name) => {
    await apply(accountNamed('quoted'));
    await expect
      .poll(() => listOwnSchedules(temporal.client, 'quoted'), { timeout: 20_000 })
      .toContainEqual(expect.objectContaining({ scheduleId: 'drain/quoted', account: 'quoted' }));

    expect(await listOwnSchedules(temporal.client, name)).toEqual([]);
  });

  it('can be removed, once', async () => {
    await apply(accountNamed('third'));

    expect(await removeSchedule(temporal.client, 'drain/third')).toBe(true);
    expect(await removeSchedule(temporal.client, 'drain/third')).toBe(false);
    expect(await describeSchedule(temporal.client, 'drain/third')).toBeNull();
  });

  it('is removed with the others that the settings no longer ask for', async () => {
    await apply(accountNamed('fourth'));
    await expect
      .poll(async () => (await listOwnSchedules(temporal.client, 'fourth')).map(({ scheduleId }) => scheduleId))
      .toEqual(['drain/fourth', 'reconcile/fourth', 'transcripts/fourth']);
    const { transcripts } = accountNamed('fourth');

    const applied = await applySchedules(
      temporal.client,
      accountNamed('fourth', { transcripts: { ...transcripts, enabled: false } }),
    );

    expect(applied.map(({ scheduleId, action }) => [scheduleId, action])).toEqual([
      ['drain/fourth', 'updated'],
      ['reconcile/fourth', 'updated'],
      ['transcripts/fourth', 'removed'],
    ]);
    expect(await describeSchedule(temporal.client, 'transcripts/fourth')).toBeNull();
  });
});

describe('the schedule of transcripts', () => {
  it('starts a short run every 15 minutes, whatever the poll interval, and the first at once', async () => {
    await applySchedules(temporal.client, accountNamed('looked-for', { pollIntervalMs: 300_000 }));

    const schedule = await describeSchedule(temporal.client, 'transcripts/looked-for');

    expect(schedule?.spec.intervals?.map(({ every }) => every)).toEqual([900_000]);
    expect(schedule?.action).toMatchObject({
      workflowType: 'transcripts',
      workflowId: 'transcripts/looked-for',
      args: [{ account: 'looked-for', mode: 'wake' }],
    });
    const starts = async () =>
      (await describeSchedule(temporal.client, 'transcripts/looked-for'))?.info.numActionsTaken;
    await expect.poll(starts, { timeout: 20_000 }).toBe(1);
  });
});

describe('a paused schedule of transcripts', () => {
  it('is resumed, also while its server has much to do', async () => {
    const { client } = temporal;
    const names = Array.from({ length: 12 }, (_unused, index) => `resumed-${index}`);
    await Promise.all(names.map((name) => applySchedules(client, accountNamed(name))));
    const ids = names.map((name) => `transcripts/${name}`);
    const paused = () =>
      Promise.all(ids.map(async (id) => (await describeSchedule(client, id))?.state.paused ?? 'missing'));
    await Promise.all(ids.map((id) => pauseSchedule(client, id, 'by a test')));
    await expect.poll(paused).toEqual(ids.map(() => true));

    expect(await Promise.all(ids.map((id) => resumeSchedule(client, id, 'by a test')))).toEqual(ids.map(() => true));

    await expect.poll(paused, { timeout: 5_000 }).toEqual(ids.map(() => false));
    expect(await resumeSchedule(client, 'transcripts/nobody', 'by a test')).toBe(false);
  });
});

describe('the schedule of the nightly reconcile', () => {
  it('starts once a night in the time zone of the token, each account at another minute', async () => {
    const account = accountNamed('reconciled', { timeZone: 'Europe/Berlin', reconcileDays: 5 });
    await applySchedules(temporal.client, account);

    const schedule = await describeSchedule(temporal.client, 'reconcile/reconciled');

    expect(schedule?.policies).toMatchObject({ overlap: 'SKIP' });
    expect(schedule?.action).toMatchObject({ workflowType: 'reconcile', args: [{ account: 'reconciled', days: 5 }] });
    const starts = schedule?.info.nextActionTimes.map((at) => DateTime.fromJSDate(at, { zone: 'Europe/Berlin' })) ?? [];
    expect(starts.length).toBeGreaterThan(1);
    expect(new Set(starts.map(({ hour }) => hour))).toEqual(new Set([3]));
    expect(new Set(starts.map((start) => start.toISODate())).size).toBe(starts.length);
    const minutes = ['a', 'b', 'c', 'd', 'e', 'f'].flatMap((name) =>
      schedulesOf(accountNamed(name)).flatMap(({ spec }) => spec.calendars?.map(({ minute }) => minute) ?? []),
    );
    expect(new Set(minutes).size).toBeGreaterThan(3);
  });

  it('may be refused by the server, without stopping the others', async () => {
    const applied = await applySchedules(temporal.client, accountNamed('martian', { timeZone: 'Mars/Olympus_Mons' }));

    expect(applied.map(({ scheduleId, action }) => [scheduleId, action])).toEqual([
      ['drain/martian', 'created'],
      ['reconcile/martian', 'refused'],
      ['transcripts/martian', 'created'],
    ]);
    expect(applied[1]?.reason).toMatch(/Mars.*INVOCA_TIME_ZONE is Mars\/Olympus_Mons/);
  });

  it.each(['america/los_angeles', 'us/pacific', 'EST', 'EST5EDT', 'gmt', 'Asia/Kolkata', 'asia/kolkata', 'etc/gmt+5'])(
    'is accepted by the server in the zone that the settings make of %s',
    async (text) => {
      const account = accountNamed(`zone-${Buffer.from(text).toString('hex')}`, { timeZone: timeZone.parse(text) });

      expect((await applySchedules(temporal.client, account))[1]).toMatchObject({ action: 'created' });
    },
  );

  it('is not made without days to read again, nor without a time zone, of which it warns', () => {
    const switchedOff = accountNamed('off', { reconcileDays: 0, timeZone: null });
    const withoutZone = accountNamed('zoneless', { timeZone: null });

    for (const account of [switchedOff, withoutZone]) {
      expect(schedulesOf(account).map(({ scheduleId }) => scheduleId)).not.toContain(`reconcile/${account.name}`);
    }
    expect(scheduleWarnings([switchedOff, withoutZone, accountNamed('reconciled')])).toEqual([
      expect.stringMatching(/^zoneless: .*INVOCA_TIME_ZONE/),
    ]);
  });
});
