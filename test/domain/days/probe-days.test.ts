import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { addDays, daysOf } from '../../../src/domain/days/days.js';
import { daysToProbe } from '../../../src/domain/days/probe-days.js';

const from = '2025-01-01';

function weekdaysOf(days: readonly string[]): Set<number> {
  return new Set(days.map((day) => new Date(day).getUTCDay()));
}

describe('daysToProbe', () => {
  it('returns every day if there are at most seven', () => {
    for (const count of [0, 1, 6, 7]) {
      const days = daysOf({ from, to: addDays(from, count - 1) });
      expect(daysToProbe(days)).toEqual(days);
    }
  });

  it('returns seven days, in order, spread over the range', () => {
    fc.assert(
      fc.property(fc.integer({ min: 8, max: 800 }), (count) => {
        const days = daysOf({ from, to: addDays(from, count - 1) });
        const places = daysToProbe(days).map((day) => days.indexOf(day));
        expect(places).toHaveLength(7);
        for (const [index, place] of places.entries()) {
          expect(place).toBeGreaterThanOrEqual(Math.floor((index * count) / 7));
          expect(place).toBeLessThan(Math.floor(((index + 1) * count) / 7));
        }
      }),
    );
  });

  it('returns one day of each weekday if the range allows it', () => {
    fc.assert(
      fc.property(fc.integer({ min: 49, max: 800 }), (count) => {
        const days = daysOf({ from, to: addDays(from, count - 1) });
        expect(weekdaysOf(daysToProbe(days)).size).toBe(7);
      }),
    );
  });

  it('returns seven days of the same weekday if there are no others', () => {
    const sundays = Array.from({ length: 30 }, (_, week) => addDays('2025-01-05', 7 * week));
    expect(daysToProbe(sundays)).toHaveLength(7);
  });
});
