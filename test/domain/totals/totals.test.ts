import { describe, expect, it } from 'vitest';
import { addFigures, periodsOf, totalsRows, type CountedGroup } from '../../../src/domain/totals/totals.js';

function aGroup(key: string | null, parts: Partial<CountedGroup> = {}): CountedGroup {
  const figures = { calls: 1, callTransactions: 2, durationSeconds: 60, connectSeconds: 50, transcripts: 1 };
  return { key, ...figures, revenue: '0', newestStart: null, ...parts };
}

describe('totalsRows', () => {
  it('joins the spellings of a Signal, and shows that of the call that started last', () => {
    const rows = totalsRows(
      [
        aGroup('quote', { revenue: '0.10' }),
        aGroup('QUOTE', { revenue: '0.2', newestStart: new Date(2) }),
        aGroup('Quote', { revenue: '-5', newestStart: new Date(1) }),
        aGroup('ÜBER'),
        aGroup('über'),
      ],
      'signal',
    );
    expect(rows.map(({ key, calls, revenue }) => ({ key, calls, revenue }))).toEqual([
      { key: 'QUOTE', calls: 3, revenue: '-4.70' },
      { key: 'ÜBER', calls: 2, revenue: '0' },
    ]);
    expect(rows[0]).toMatchObject({ callTransactions: 6, durationSeconds: 180, connectSeconds: 150, transcripts: 3 });
  });

  it('keeps the spellings of campaigns apart, those with most calls first and none last', () => {
    const groups = [aGroup(null, { calls: 9 }), aGroup('b'), aGroup('a'), aGroup('B'), aGroup('c', { calls: 2 })];
    expect(totalsRows(groups, 'campaign').map(({ key }) => key)).toEqual(['c', 'B', 'a', 'b', null]);
  });

  it('sorts days and months by time, calls without a start last', () => {
    const groups = [aGroup(null), aGroup('2024-11-10', { calls: 5 }), aGroup('2024-11-03')];
    expect(totalsRows(groups, 'day').map(({ key }) => key)).toEqual(['2024-11-03', '2024-11-10', null]);
  });
});

describe('addFigures', () => {
  it('is 0 without calls', () => {
    expect(addFigures([])).toEqual({
      calls: 0,
      callTransactions: 0,
      durationSeconds: 0,
      connectSeconds: 0,
      revenue: '0',
      transcripts: 0,
    });
  });

  it('has no revenue if one is out of range', () => {
    expect(addFigures([aGroup('a', { revenue: '1' }), aGroup('b', { revenue: null })]).revenue).toBeNull();
  });
});

describe('periodsOf', () => {
  it('lists the days of a range, or the months they are in', () => {
    expect(periodsOf({ from: '2024-01-31', to: '2024-02-01' }, 'day')).toEqual(['2024-01-31', '2024-02-01']);
    expect(periodsOf({ from: '2023-12-31', to: '2024-02-01' }, 'month')).toEqual(['2023-12', '2024-01', '2024-02']);
  });
});
