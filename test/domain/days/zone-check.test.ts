import fc from 'fast-check';
import { DateTime } from 'luxon';
import { describe, expect, it } from 'vitest';
import { compareVerdicts, zoneVerdicts, type ZoneVerdict } from '../../../src/domain/days/zone-check.js';
import { aCall } from '../../support/a-transaction.js';

const timeZone = 'America/Los_Angeles';

function rowAt(utc: string | null, local: string | null, platform: string | null = null, id = 'T1') {
  const start_time_utc = utc === null ? null : Date.parse(utc);
  return aCall(id, { start_time_utc, start_time_local: local, start_time_network_timezone: platform });
}

function localVerdict(...rows: Parameters<typeof zoneVerdicts>[0]) {
  return zoneVerdicts(rows, timeZone)['time-zone'];
}

function platformVerdict(...rows: Parameters<typeof zoneVerdicts>[0]) {
  return zoneVerdicts(rows, null)['platform-time-zone'];
}

const agreeing = rowAt('2024-05-02T16:31:07Z', '2024-05-02 09:31:07 -07:00');
const disagreeing = rowAt('2024-05-02T16:31:07Z', '2024-05-02 12:31:07 -04:00');

describe('zoneVerdicts: time-zone', () => {
  it.each([
    ['2024-05-02T16:31:07Z', '2024-05-02 09:31:07 -07:00'],
    ['2024-01-02T17:31:07Z', '2024-01-02 09:31:07 -08:00'],
    ['2024-05-02T16:31:07Z', '2024-05-02 09:31:07 -0700'],
    ['2024-05-02T16:31:07Z', '2024-05-02T09:31:07-07:00'],
    // The hour that the clock shows twice.
    ['2024-11-03T08:30:00Z', '2024-11-03 01:30:00 -07:00'],
    ['2024-11-03T09:30:00Z', '2024-11-03 01:30:00 -08:00'],
  ])('agrees with %s as %s', (utc, local) => {
    expect(localVerdict(rowAt(utc, local))).toMatchObject({ disagrees: false, startedAt: new Date(utc) });
  });

  it.each([
    ['2024-05-02 12:31:07 -04:00', '-04:00'],
    ['2024-05-02 08:31:07 -08:00', '-08:00'],
    ['2024-05-02 22:01:07 +05:30', '+05:30'],
    ['2024-05-02T16:31:07Z', '+00:00'],
  ])('disagrees with %s', (local, statedOffset) => {
    expect(localVerdict(rowAt('2024-05-02T16:31:07Z', local))).toEqual({
      startedAt: new Date('2024-05-02T16:31:07Z'),
      disagrees: true,
      transactionId: 'T1',
      statedOffset,
      expectedOffset: '-07:00',
    });
  });

  it.each([['2024-05-02 12:31:07'], ['12:31:07 -04:00'], ['-04:00'], ['soon'], [''], [null]])(
    'says nothing about %s',
    (local) => {
      expect(localVerdict(rowAt('2024-05-02T16:31:07Z', local))).toBeNull();
    },
  );

  it('takes the instant from the local time if no column states the start', () => {
    expect(localVerdict(rowAt(null, '2024-01-02 09:31:07 -08:00'))).toMatchObject({ disagrees: false });
    expect(localVerdict(rowAt(null, '2024-05-02 09:31:07 -08:00'))).toMatchObject({
      disagrees: true,
      startedAt: new Date('2024-05-02T17:31:07Z'),
    });
  });

  it('counts the row whose call started last, wherever it is; at the same instant, one that disagrees', () => {
    const later = rowAt('2024-05-02T16:31:08Z', '2024-05-02 09:31:08 -07:00', null, 'T2');

    expect(localVerdict(later, disagreeing)).toMatchObject({ disagrees: false, transactionId: 'T2' });
    expect(localVerdict(disagreeing, later)).toMatchObject({ disagrees: false, transactionId: 'T2' });
    expect(localVerdict(agreeing, disagreeing)).toMatchObject({ disagrees: true });
    expect(localVerdict(disagreeing, agreeing)).toMatchObject({ disagrees: true });
    expect(localVerdict(disagreeing, rowAt('2025-05-02T16:31:07Z', null))).toMatchObject({ disagrees: true });
  });

  it('compares nothing without a zone', () => {
    expect(zoneVerdicts([disagreeing], null)).toEqual({ 'time-zone': null, 'platform-time-zone': null });
  });
});

describe('zoneVerdicts: platform-time-zone', () => {
  const local = '2024-05-02 09:31:07 -07:00';

  it('disagrees if the platform has another offset than the token', () => {
    expect(platformVerdict(rowAt('2024-05-02T16:31:07Z', local, '2024-05-02 12:31:07 -04:00'))).toEqual({
      startedAt: new Date('2024-05-02T16:31:07Z'),
      disagrees: true,
      transactionId: 'T1',
      statedOffset: '-04:00',
      expectedOffset: '-07:00',
    });
    expect(platformVerdict(rowAt('2024-05-02T16:31:07Z', local, local))).toMatchObject({ disagrees: false });
  });

  it('agrees in the season in which two zones have the same offset', () => {
    const phoenix = { summer: '2024-07-01 09:00:00 -07:00', winter: '2024-01-01 09:00:00 -07:00' };
    const summer = rowAt('2024-07-01T16:00:00Z', phoenix.summer, '2024-07-01 09:00:00 -07:00');
    const winter = rowAt('2024-01-01T16:00:00Z', phoenix.winter, '2024-01-01 08:00:00 -08:00');

    expect(platformVerdict(summer)).toMatchObject({ disagrees: false });
    expect(platformVerdict(winter)).toMatchObject({ disagrees: true });
    expect(platformVerdict(winter, summer)).toMatchObject({ disagrees: false });
  });

  it.each([
    [null, '2024-05-02 12:31:07 -04:00'],
    [local, null],
    [local, ''],
    [local, 'Eastern'],
    ['2024-05-02 09:31:07', '2024-05-02 12:31:07 -04:00'],
  ])('says nothing about %s and %s', (localTime, platform) => {
    expect(platformVerdict(rowAt('2024-05-02T16:31:07Z', localTime, platform))).toBeNull();
  });

  it('takes the latest row that states both columns', () => {
    const stated = rowAt('2024-05-02T16:31:07Z', local, '2024-05-02 12:31:07 -04:00');
    const later = rowAt('2024-05-03T16:31:07Z', '2024-05-03 09:31:07 -07:00');

    expect(zoneVerdicts([stated, later], timeZone)).toMatchObject({
      'time-zone': { disagrees: false, startedAt: new Date('2024-05-03T16:31:07Z') },
      'platform-time-zone': { disagrees: true, startedAt: new Date('2024-05-02T16:31:07Z') },
    });
  });
});

describe('zoneVerdicts of many rows', () => {
  const rows = fc.array(
    fc.record({
      hour: fc.integer({ min: 0, max: 3 }),
      local: fc.constantFrom('America/Los_Angeles', 'America/Denver', null),
      platform: fc.constantFrom('America/Los_Angeles', 'America/Denver', null),
    }),
    { maxLength: 12 },
  );

  it('are those of its parts, put together in any order', () => {
    fc.assert(
      fc.property(rows, fc.integer({ min: 0, max: 12 }), (specs, cut) => {
        const all = specs.map(({ hour, local, platform }, index) => {
          const at = DateTime.fromISO(`2024-03-10T0${8 + (hour % 2)}:00:00Z`).plus({ days: Math.floor(hour / 2) });
          const text = (zone: string | null) => (zone === null ? null : at.setZone(zone).toISO());
          return rowAt(at.toISO(), text(local), text(platform), `T${index}`);
        });
        const whole = zoneVerdicts(all, timeZone);
        const parts = [zoneVerdicts(all.slice(cut), timeZone), zoneVerdicts(all.slice(0, cut), timeZone)];
        for (const code of ['time-zone', 'platform-time-zone'] as const) {
          const stated = parts.flatMap((part): ZoneVerdict[] => (part[code] === null ? [] : [part[code]]));
          expect(whole[code]).toEqual(stated.sort(compareVerdicts).at(-1) ?? null);
        }
      }),
    );
  });
});
