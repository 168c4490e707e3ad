import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { addDays, daysBetween, daysOf, isDay, splitDays, joinDays, type Days } from '../../../src/domain/days/days.js';

const days = fc.integer({ min: 0, max: 30_000 }).map((count) => addDays('1970-01-01', count));

describe('isDay', () => {
  it.each([['2024-02-29'], ['2000-02-29'], ['1999-12-31']])('accepts %s', (text) => {
    expect(isDay(text)).toBe(true);
  });

  it.each([
    ['2023-02-29'],
    ['1900-02-29'],
    ['2024-04-31'],
    ['2024-13-01'],
    ['2024-00-10'],
    ['2024-5-2'],
    ['24-05-02'],
    ['2024-05-02T00:00:00Z'],
    [' 2024-05-02'],
    ['+002024-05-02'],
    ['today'],
    [''],
  ])('rejects %j', (text) => {
    expect(isDay(text)).toBe(false);
  });
});

describe('addDays', () => {
  it('crosses months, leap days and years, both ways', () => {
    expect(addDays('2024-02-28', 1)).toBe('2024-02-29');
    expect(addDays('2023-12-31', 1)).toBe('2024-01-01');
    expect(addDays('2024-03-01', -1)).toBe('2024-02-29');
    expect(addDays('2024-05-02', 0)).toBe('2024-05-02');
  });

  it('throws for a text that is no day', () => {
    expect(() => addDays('2024-02-30', 1)).toThrow('"2024-02-30" is not a day');
  });
});

describe('daysBetween', () => {
  it('counts both ends', () => {
    expect(daysBetween('2024-03-01', '2024-03-01')).toBe(1);
    expect(daysBetween('2024-01-01', '2024-12-31')).toBe(366);
    expect(daysBetween('2024-03-02', '2024-03-01')).toBe(0);
  });
});

describe('daysOf', () => {
  it('lists every day of the window once, in order', () => {
    expect(daysOf({ from: '2024-02-28', to: '2024-03-01' })).toEqual(['2024-02-28', '2024-02-29', '2024-03-01']);
  });
});

describe('splitDays', () => {
  it('counts the windows from the first day and cuts the last one short', () => {
    expect(splitDays({ from: '2024-03-01', to: '2024-03-05', windowDays: 2 })).toEqual([
      { from: '2024-03-01', to: '2024-03-02' },
      { from: '2024-03-03', to: '2024-03-04' },
      { from: '2024-03-05', to: '2024-03-05' },
    ]);
  });

  it('puts each day of any range into exactly one window, in order', () => {
    fc.assert(
      fc.property(
        days,
        fc.integer({ min: 0, max: 400 }),
        fc.integer({ min: 1, max: 40 }),
        (from, length, windowDays) => {
          const to = addDays(from, length);
          const windows = splitDays({ from, to, windowDays });

          expect(windows.flatMap(daysOf)).toEqual(daysOf({ from, to }));
          expect(windows.slice(0, -1).every((window) => daysBetween(window.from, window.to) === windowDays)).toBe(true);
        },
      ),
    );
  });

  it('returns the same windows newest first', () => {
    const range = { from: '2024-03-01', to: '2024-03-10', windowDays: 3 };

    expect(splitDays({ ...range, newestFirst: true })).toEqual(splitDays(range).reverse());
  });

  it.each([[0], [-1], [1.5], [Number.NaN]])('refuses windows of %d days', (windowDays) => {
    expect(() => splitDays({ from: '2024-03-01', to: '2024-03-05', windowDays })).toThrow('a whole number of days');
  });
});

const windows = fc.array(
  fc
    .record({ start: fc.integer({ min: 0, max: 60 }), length: fc.integer({ min: 0, max: 9 }) })
    .map(({ start, length }): Days => {
      const from = addDays('2024-02-01', start);
      return { from, to: addDays(from, length) };
    }),
  { maxLength: 12 },
);

function sortedDays(ranges: readonly Days[]): string[] {
  return [...new Set(ranges.flatMap(daysOf))].sort();
}

describe('joinDays', () => {
  it('returns the same days in ranges that neither touch nor overlap, the earliest first', () => {
    fc.assert(
      fc.property(windows, (given) => {
        const joined = joinDays(given);
        expect(joined.flatMap(daysOf)).toEqual(sortedDays(given));
        joined.slice(1).forEach(({ from }, index) => expect(from > addDays(joined[index]?.to ?? '', 1)).toBe(true));
      }),
    );
  });

  it('joins days over the end of a month and of a year', () => {
    const days = ['2024-02-29', '2024-03-01', '2023-12-31', '2024-01-01', '2024-05-05'];

    expect(joinDays(days.map((day) => ({ from: day, to: day })))).toEqual([
      { from: '2023-12-31', to: '2024-01-01' },
      { from: '2024-02-29', to: '2024-03-01' },
      { from: '2024-05-05', to: '2024-05-05' },
    ]);
  });
});
