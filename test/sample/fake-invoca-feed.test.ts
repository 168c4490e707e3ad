import { describe, expect, it } from 'vitest';
import type { FeedRow } from '../../src/sample/feed/feed-row.js';
import { ask, at, call, idsOf, rowsOf } from '../support/ask-invoca.js';
import { minimalRows, startInvoca } from '../support/fake-invoca.js';

describe('the feed', () => {
  it('begins at the oldest row and continues after any id', async () => {
    const invoca = await startInvoca({ rows: minimalRows(5) });

    await expect(idsOf(invoca, 'limit=2')).resolves.toEqual(['9999-0000', '9998-0000']);
    await expect(idsOf(invoca, 'limit=2&start_after_transaction_id=')).resolves.toEqual(['9999-0000', '9998-0000']);
    await expect(idsOf(invoca, 'limit=2&start_after_transaction_id=9998-0000')).resolves.toEqual([
      '9997-0000',
      '9996-0000',
    ]);
    await expect(idsOf(invoca, 'start_after_transaction_id=9995-0000')).resolves.toEqual([]);
  });

  it('returns 1000 rows if no limit is set', async () => {
    const invoca = await startInvoca({ rows: minimalRows(1_100) });

    await expect(rowsOf(invoca)).resolves.toHaveLength(1_000);
    await expect(rowsOf(invoca, 'limit=4000')).resolves.toHaveLength(1_100);
  });

  it('shows rows from the instant of their availability, in that order', async () => {
    let now = at('2025-06-02T18:00:00Z');
    const rows: FeedRow[] = [
      { row: call('late'), availableAt: at('2025-06-02T18:00:01Z') },
      { row: call('early'), availableAt: at('2025-06-02T18:00:00Z') },
    ];
    const invoca = await startInvoca({ feed: { rows }, now: () => now });

    await expect(idsOf(invoca)).resolves.toEqual(['early']);
    now = at('2025-06-02T18:00:01Z');
    await expect(idsOf(invoca)).resolves.toEqual(['early', 'late']);
  });

  it('sends any value that it was given as a row', async () => {
    const rows = [null, 'text', 7, { no: 'id' }, ['list']];
    const invoca = await startInvoca({ rows });

    await expect(rowsOf(invoca)).resolves.toEqual(rows);
  });

  it.each([
    ['empty' as const, []],
    ['restart' as const, ['9999-0000']],
  ])('may answer an unknown cursor with %s', async (unknownCursor, expected) => {
    const invoca = await startInvoca({ rows: minimalRows(1), unknownCursor });

    await expect(idsOf(invoca, 'start_after_transaction_id=NONE')).resolves.toEqual(expected);
  });

  it('finds one transaction, one call, or types', async () => {
    const rows = [
      call('A'),
      call('B', { complete_call_id: 'C-A', transaction_type: 'Post Call Event' }),
      call('C', { transaction_type: 'Reported Conversion' }),
      call('D', { transaction_type: 'Signal' }),
    ];
    const invoca = await startInvoca({ rows });

    await expect(idsOf(invoca, 'transaction_id=B')).resolves.toEqual(['B']);
    await expect(idsOf(invoca, 'transaction_id=X')).resolves.toEqual([]);
    await expect(idsOf(invoca, 'call_record_id=C-A')).resolves.toEqual(['A', 'B']);
    await expect(idsOf(invoca, 'call_record_id=C-A&transaction_id=C')).resolves.toEqual([]);
    await expect(idsOf(invoca, 'transaction_type=Call')).resolves.toEqual(['A']);
    await expect(idsOf(invoca, 'transaction_type=Sale')).resolves.toEqual(['C']);
    await expect(idsOf(invoca, 'transaction_type[]=PostCallEvent&transaction_type[]=Signal')).resolves.toEqual([
      'B',
      'D',
    ]);
  });

  it('applies the limit to the requested rows', async () => {
    const invoca = await startInvoca({ rows: [call('A', { transaction_type: 'Signal' }), call('B'), call('C')] });

    await expect(idsOf(invoca, 'transaction_type=Call&limit=1')).resolves.toEqual(['B']);
  });
});

describe('a window', () => {
  const rows = [
    call('second', { start_time_utc: Date.parse('2025-06-02T20:00:00Z') }),
    call('correction-made-last', { start_time_utc: String(Date.parse('2025-06-02T19:00:00Z')) }),
    call('at-midnight', { start_time_utc: Date.parse('2025-06-03T07:00:00Z') }),
    call('before-midnight', { start_time_utc: Date.parse('2025-06-03T06:59:59.999Z') }),
    call('of-no-time', { start_time_utc: null }),
  ];

  it('contains the calls that began on its days in the zone of the token, by their start', async () => {
    const invoca = await startInvoca({ rows, timeZone: 'America/Los_Angeles' });

    await expect(idsOf(invoca, 'from=2025-06-02&to=2025-06-02')).resolves.toEqual([
      'correction-made-last',
      'second',
      'before-midnight',
    ]);
    await expect(idsOf(invoca, 'from=2025-06-02&to=2025-06-03')).resolves.toHaveLength(4);
    await expect(idsOf(invoca, 'from=2025-06-03&to=2025-06-02')).resolves.toEqual([]);
  });

  it('means other days in another zone', async () => {
    const invoca = await startInvoca({ rows, timeZone: 'UTC' });

    await expect(idsOf(invoca, 'from=2025-06-03&to=2025-06-03')).resolves.toEqual(['before-midnight', 'at-midnight']);
  });

  it.each(['from=2025-06-03', 'to=2025-06-02'])('needs both days: %s', async (query) => {
    const invoca = await startInvoca({ rows, timeZone: 'UTC' });

    await expect(rowsOf(invoca, query)).resolves.toHaveLength(5);
  });

  it('has its own cursor', async () => {
    const invoca = await startInvoca({ rows });
    const window = 'from=2025-06-02&to=2025-06-02';

    await expect(idsOf(invoca, `${window}&start_after_transaction_id=second`)).resolves.toEqual(['before-midnight']);
    await expect(ask(invoca, { query: `${window}&start_after_transaction_id=at-midnight` })).resolves.toMatchObject({
      status: 403,
    });
  });
});
