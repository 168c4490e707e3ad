import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { addDays } from '../../../src/domain/days/days.js';
import { dayEnd, dayOf, dayStart } from '../../../src/domain/days/zoned-days.js';

const HOUR_MS = 3_600_000;

/** Zones whose clocks change in the night, at midnight, by half an hour, or once by a whole day. */
const ZONES = [
  'America/Los_Angeles',
  'America/Sao_Paulo',
  'America/Havana',
  'America/Nuuk',
  'Asia/Beirut',
  'Africa/Cairo',
  'Australia/Lord_Howe',
  'Europe/Berlin',
  'Pacific/Apia',
  'Asia/Kathmandu',
  'UTC',
];

function hoursOf(day: string, zone: string): number {
  return (dayEnd(day, zone).getTime() - dayStart(day, zone).getTime()) / HOUR_MS;
}

describe('dayStart and dayEnd', () => {
  it('return the midnights of the zone', () => {
    expect(dayStart('2024-05-02', 'America/Los_Angeles').toISOString()).toBe('2024-05-02T07:00:00.000Z');
    expect(dayEnd('2024-05-02', 'America/Los_Angeles').toISOString()).toBe('2024-05-03T07:00:00.000Z');
    expect(dayStart('2024-05-02', 'Asia/Kathmandu').toISOString()).toBe('2024-05-01T18:15:00.000Z');
  });

  it('make a day shorter or longer when clocks change', () => {
    expect(hoursOf('2024-03-10', 'America/Los_Angeles')).toBe(23);
    expect(hoursOf('2024-11-03', 'America/Los_Angeles')).toBe(25);
    expect(hoursOf('2024-04-07', 'Australia/Lord_Howe')).toBe(24.5);
  });

  it('return the first instant of a day whose midnight is skipped or repeated', () => {
    expect(dayStart('2018-11-04', 'America/Sao_Paulo').toISOString()).toBe('2018-11-04T03:00:00.000Z');
    expect(hoursOf('2018-11-04', 'America/Sao_Paulo')).toBe(23);
    expect(dayStart('2024-11-03', 'America/Havana').toISOString()).toBe('2024-11-03T04:00:00.000Z');
    expect(hoursOf('2024-11-03', 'America/Havana')).toBe(25);
  });

  it('return a day without length if the zone skipped it', () => {
    expect(hoursOf('2011-12-30', 'Pacific/Apia')).toBe(0);
  });
});

describe('dayOf', () => {
  it('returns the day whose start and end enclose the instant, in every zone', () => {
    const instants = fc.date({ min: new Date('1995-01-01'), max: new Date('2035-01-01'), noInvalidDate: true });

    fc.assert(
      fc.property(instants, fc.constantFrom(...ZONES), (instant, zone) => {
        const day = dayOf(instant, zone);

        expect(dayStart(day, zone).getTime()).toBeLessThanOrEqual(instant.getTime());
        expect(dayEnd(day, zone).getTime()).toBeGreaterThan(instant.getTime());
      }),
      { numRuns: 1000 },
    );
  });

  it('changes exactly at the end of a day', () => {
    const days = fc.integer({ min: 0, max: 14_000 }).map((count) => addDays('1996-01-01', count));

    fc.assert(
      fc.property(days, fc.constantFrom(...ZONES), (day, zone) => {
        fc.pre(hoursOf(day, zone) > 0);

        expect(dayOf(dayStart(day, zone), zone)).toBe(day);
        expect(dayOf(new Date(dayEnd(day, zone).getTime() - 1), zone)).toBe(day);
      }),
      { numRuns: 1000 },
    );
  });

  it('throws for a zone that does not exist', () => {
    expect(() => dayOf(new Date(0), 'Mars/Olympus')).toThrow('Mars/Olympus');
    expect(() => dayStart('2024-05-02', 'Mars/Olympus')).toThrow('Mars/Olympus');
  });
});
