import { describe, expect, it } from 'vitest';
import type { ZoneVerdict } from '../../../src/domain/days/zone-check.js';
import { useTestDatabase } from '../../support/test-database.js';

const test = useTestDatabase();

const timeZone = 'America/Los_Angeles';
const none = { 'time-zone': null, 'platform-time-zone': null };

function at(minute: number): Date {
  return new Date(Date.UTC(2025, 5, 2, 18, minute));
}

/** A verdict whose call started at the minute. */
function verdict(minute: number, disagrees: boolean): ZoneVerdict {
  // In another order than it is compared in, and with an id that MongoDB would take for a field.
  const offsets = { statedOffset: disagrees ? '-06:00' : '-07:00', expectedOffset: '-07:00' };
  return { ...offsets, transactionId: `$T${minute}`, disagrees, startedAt: at(minute) };
}

/** Notes a verdict for the platform's zone, ten minutes after its call started. */
async function note(account: string, minute: number, disagrees: boolean, zone: string | null = timeZone) {
  const verdicts = { ...none, 'platform-time-zone': verdict(minute, disagrees) };
  await test.store.limits.noteZones({ account, timeZone: zone, verdicts, now: at(minute + 10) });
}

function notes(account: string, zone: string | null = timeZone) {
  return test.store.limits.zoneNotes({ account, timeZone: zone });
}

describe('the notes about time zones', () => {
  it('are null for an account without any', async () => {
    expect(await notes('none')).toEqual(none);
    await test.store.limits.setAnalysis({ account: 'none', value: 'on' });
    expect(await notes('none')).toEqual(none);
    expect(await notes('none', null)).toEqual(none);
  });

  it('show the newest row that disagrees, since when one did, until a later call agrees', async () => {
    await note('one', 1, true);
    const first = {
      transactionId: '$T1',
      startedAt: at(1),
      statedOffset: '-06:00',
      expectedOffset: '-07:00',
      timeZone,
    };
    expect(await notes('one')).toEqual({ ...none, 'platform-time-zone': { ...first, since: at(11) } });

    await note('one', 3, true);
    await note('one', 2, true);
    await note('one', 3, false);
    const second = { ...first, transactionId: '$T3', startedAt: at(3), since: at(11) };
    expect(await notes('one')).toEqual({ ...none, 'platform-time-zone': second });

    await note('one', 4, false);
    await note('one', 2, true);
    expect(await notes('one')).toEqual(none);

    await note('one', 5, true);
    expect(await notes('one')).toMatchObject({ 'platform-time-zone': { transactionId: '$T5', since: at(15) } });
  });

  it('are forgotten, both of them, once the account has another zone', async () => {
    const verdicts = { 'time-zone': verdict(1, true), 'platform-time-zone': verdict(1, true) };
    await test.store.limits.noteZones({ account: 'moved', timeZone, verdicts, now: at(1) });
    expect(await notes('moved', 'America/Denver')).toEqual(none);
    expect(await notes('moved', null)).toEqual(none);

    await note('moved', 0, false, 'America/Denver');
    expect(await notes('moved', 'America/Denver')).toEqual(none);
    expect(await notes('moved')).toEqual(none);
    await note('moved', 2, true, null);
    expect(await notes('moved', null)).toMatchObject({ 'time-zone': null, 'platform-time-zone': { timeZone: null } });
  });

  it('replace those in the form of an older release, and leave the hold alone', async () => {
    const old = { transactionId: 'T', statedOffset: '-04:00', expectedOffset: '-07:00', timeZone };
    await test.db.collection<{ _id: string }>('limits').insertOne({ _id: 'old', ...{ zone: old } });
    const hold = await test.store.limits.hold({ account: 'old', until: at(0), reason: '429', epoch: 0, ceiling: 3 });
    expect(await notes('old')).toEqual(none);

    await note('old', 1, true);
    expect(await notes('old')).toMatchObject({ 'time-zone': null, 'platform-time-zone': { transactionId: '$T1' } });
    expect(await test.store.limits.read('old')).toEqual(hold);
  });
});
