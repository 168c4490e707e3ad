import fc from 'fast-check';
import { DateTime } from 'luxon';
import { describe, expect, it } from 'vitest';
import { fittingZones } from '../../../src/domain/days/fitting-zones.js';

function offsetAt(utc: string, hours: number) {
  return { startedAt: new Date(utc), local: hours * 60 };
}

describe('fittingZones', () => {
  it('names well-known zones first', () => {
    expect(fittingZones([offsetAt('2024-01-15T18:00:00Z', -8)], 3)).toEqual([
      'America/Los_Angeles',
      'America/Tijuana',
      'America/Vancouver',
    ]);
  });

  it('names both the zone that is on daylight saving time and the one that never is', () => {
    expect(fittingZones([offsetAt('2024-07-15T18:00:00Z', -7)], 2)).toEqual(['America/Los_Angeles', 'America/Phoenix']);
  });

  it('tells zones apart by rows on both sides of a change of the clocks', () => {
    const offsets = [offsetAt('2024-11-03T08:59:59Z', -7), offsetAt('2024-11-03T09:00:00Z', -8)];
    const zones = fittingZones(offsets, 50);
    expect(zones).toContain('America/Los_Angeles');
    expect(zones).not.toContain('America/Phoenix');
    expect(zones).not.toContain('America/Denver');
  });

  it('goes on to the other zones of the IANA database', () => {
    expect(fittingZones([{ startedAt: new Date('2024-01-15T18:00:00Z'), local: 525 }], 5)).toEqual(['Australia/Eucla']);
  });

  it('names no zone twice, not even under its two names', () => {
    const zones = fittingZones([{ startedAt: new Date('2024-01-15T18:00:00Z'), local: 330 }], 50);
    const resolved = zones.map((zone) => new Intl.DateTimeFormat('en', { timeZone: zone }).resolvedOptions().timeZone);
    expect(zones[0]).toBe('Asia/Kolkata');
    expect(new Set(resolved).size).toBe(zones.length);
  });

  it('names none if no zone has all the offsets', () => {
    expect(fittingZones([offsetAt('2024-01-15T18:00:00Z', -8), offsetAt('2024-01-15T18:00:00Z', -5)], 5)).toEqual([]);
  });

  it('names none without an offset to fit', () => {
    expect(fittingZones([], 5)).toEqual([]);
  });

  it('names only zones that have every offset, and among them the one the rows are from', () => {
    const zone = fc.constantFrom('America/Los_Angeles', 'Europe/London', 'Asia/Kolkata', 'Australia/Adelaide', 'UTC');
    const instants = fc.array(
      fc.date({ min: new Date('2020-01-01'), max: new Date('2030-01-01'), noInvalidDate: true }),
      {
        minLength: 1,
        maxLength: 4,
      },
    );
    fc.assert(
      fc.property(zone, instants, (own, startedAts) => {
        const offsets = startedAts.map((startedAt) => ({
          startedAt,
          local: DateTime.fromJSDate(startedAt, { zone: own }).offset,
        }));
        const zones = fittingZones(offsets, 500);
        expect(zones).toContain(own);
        for (const each of zones) {
          const found = startedAts.map((startedAt) => DateTime.fromJSDate(startedAt, { zone: each }).offset);
          expect(found).toEqual(offsets.map(({ local }) => local));
        }
      }),
      { numRuns: 10 },
    );
  });
});
