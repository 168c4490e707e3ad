import { describe, expect, it } from 'vitest';
import { confirmManyDays, readDays, requireTimeZone } from '../../../src/commands/kit/day-range.js';
import { UsageError } from '../../../src/settings/errors.js';

const timeZone = 'America/Los_Angeles';
/** Still the evening of the 9th in Los Angeles. */
const now = new Date('2024-03-10T05:00:00Z');

function read(from: string, to: string) {
  return () => readDays({ from, to, now, timeZone });
}

describe('readDayRange', () => {
  it('accepts days up to today in the zone', () => {
    expect(read('2024-02-29', '2024-03-09')()).toEqual({ from: '2024-02-29', to: '2024-03-09' });
  });

  it.each([
    ['2024-03-02', '2024-03-01', '--from 2024-03-02 is after --to 2024-03-01'],
    ['2024-02-30', '2024-03-01', '--from 2024-02-30 is not a day'],
    ['2024-03-01', '9/3/2024', '--to 9/3/2024 is not a day'],
    ['2024-03-01', '2024-03-10', 'the last day that has begun in America/Los_Angeles is 2024-03-09'],
  ])('refuses %s to %s', (from, to, message) => {
    expect(read(from, to)).toThrow(UsageError);
    expect(read(from, to)).toThrow(message);
  });
});

describe('requireTimeZone', () => {
  it('names the missing setting and its account', () => {
    expect(requireTimeZone({ name: 'invoca', timeZone })).toBe(timeZone);
    expect(() => requireTimeZone({ name: 'invoca', timeZone: null })).toThrow(/INVOCA_TIME_ZONE.* account invoca/);
  });
});

describe('confirmManyDays', () => {
  const tenYears = { from: '2014-01-01', to: '2023-12-31' };

  it('asks no question for up to three years, or with --yes', async () => {
    const threeYears = { from: '2021-01-01', to: '2023-12-31' };

    expect(await confirmManyDays({ days: threeYears, requests: 2_190, isConfirmed: false })).toBe(true);
    expect(await confirmManyDays({ days: tenYears, requests: 7_304, isConfirmed: true })).toBe(true);
  });

  it('refuses ten years without a terminal, and names the number of requests', async () => {
    const asked = confirmManyDays({ days: tenYears, requests: 7_304, isConfirmed: false });

    await expect(asked).rejects.toThrow('3,652 days, at least 7,304 requests: there is no terminal');
    const unknown = confirmManyDays({ days: tenYears, requests: 1, isConfirmed: false });
    await expect(unknown).rejects.toThrow('at least 1 request: there is no terminal');
  });
});
