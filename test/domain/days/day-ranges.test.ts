import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { joinDays } from '../../../src/domain/days/day-ranges.js';
import { addDays, daysOf, type Days } from '../../../src/domain/days/days.js';

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

describe('joinWindows', () => {
  it('tells the same days in ranges that neither touch nor overlap, the earliest first', () => {
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
