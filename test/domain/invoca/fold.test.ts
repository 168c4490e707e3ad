import { describe, expect, it } from 'vitest';
import { foldTransactions } from '../../../src/domain/invoca/fold.js';
import type { FlatColumn } from '../../../src/domain/invoca/custom-data.js';
import type { ColumnValue } from '../../../src/domain/blank.js';
import type { Transaction } from '../../../src/domain/invoca/transaction.js';
import { aField, aTransaction, foldAll, SEEN_AT, SEEN_LAST, SEEN_LATER } from '../../support/a-transaction.js';

function row(columns: Record<string, ColumnValue | null>, seenAt: Date): Transaction {
  return aTransaction({ columns, seenAt });
}

function fold(...seen: Transaction[]): Transaction | undefined {
  return foldAll(seen)[0];
}

describe('folding sightings of one transaction', () => {
  it('prefers a value to a blank, whichever came first', () => {
    const stated = row({ city: 'Reno' }, SEEN_AT);

    expect(fold(stated, row({ city: '' }, SEEN_LATER))).toStrictEqual(stated);
    expect(fold(row({}, SEEN_AT), row({ city: 'Reno' }, SEEN_LATER))).toStrictEqual({
      ...stated,
      sightings: [{ column: 'city', firstSeenAt: SEEN_LATER }],
    });
  });

  it('prefers the value first seen later, and keeps the superseded one as a sighting', () => {
    const [old, young] = [row({ city: 'Reno' }, SEEN_AT), row({ city: 'Elko' }, SEEN_LATER)];

    expect(fold(young, old)).toStrictEqual({
      ...young,
      firstSeenAt: SEEN_AT,
      sightings: [
        { column: 'city', firstSeenAt: SEEN_LATER },
        { column: 'city', value: 'Reno', firstSeenAt: SEEN_AT },
      ],
    });
  });

  it('does not restore a superseded value when it is seen again', () => {
    const folded = fold(
      row({ city: 'Reno' }, SEEN_AT),
      row({ city: 'Elko' }, SEEN_LATER),
      row({ city: 'Reno' }, SEEN_LAST),
    );

    expect(folded?.columns['city']).toBe('Elko');
  });

  it('chooses between values of the same instant by their text', () => {
    expect(fold(row({ city: 'Reno' }, SEEN_AT), row({ city: 'Elko' }, SEEN_AT))).toStrictEqual({
      ...row({ city: 'Reno' }, SEEN_AT),
      sightings: [{ column: 'city', value: 'Elko', firstSeenAt: SEEN_AT }],
    });
  });

  it('distinguishes 1, "1" and true, and treats 0 as a blank only in durations', () => {
    expect(fold(row({ opt_in_SMS: '1' }, SEEN_AT), row({ opt_in_SMS: 1 }, SEEN_LATER))?.columns['opt_in_SMS']).toBe(1);
    expect(fold(row({ opt_in_SMS: 1 }, SEEN_AT), row({ opt_in_SMS: 0 }, SEEN_LATER))?.columns['opt_in_SMS']).toBe(0);
  });

  it.each(['duration', 'connect_duration', 'ivr_duration'])(
    'treats a 0 as a cleared %s, but keeps it if there is no other value',
    (name) => {
      const stated = row({ [name]: 214 }, SEEN_AT);

      expect(fold(stated, row({ [name]: 0 }, SEEN_LATER), row({ [name]: '0' }, SEEN_LATER))).toStrictEqual(stated);
      expect(fold(row({ [name]: 0 }, SEEN_AT), row({ [name]: 214 }, SEEN_LATER))).toMatchObject({
        columns: { [name]: 214 },
        sightings: [{ column: name, firstSeenAt: SEEN_LATER }],
      });
      expect(fold(row({ [name]: null }, SEEN_AT), row({ [name]: 0 }, SEEN_LATER))?.columns[name]).toBe(0);
      expect(fold(row({ [name]: 214 }, SEEN_AT), row({ [name]: 95 }, SEEN_LATER))?.columns[name]).toBe(95);
    },
  );

  it('folds the nested custom data as one column, and treats an empty list as a blank', () => {
    const older = aTransaction({ nested: [aField('line', 'One'), aField('medium', 'Web')] });
    const newer = aTransaction({ nested: [aField('line', 'Two')], seenAt: SEEN_LATER });

    expect(fold(newer, older, aTransaction({ seenAt: SEEN_LAST }))).toStrictEqual({
      ...newer,
      firstSeenAt: SEEN_AT,
      sightings: [
        { column: 'custom_data', firstSeenAt: SEEN_LATER },
        { column: 'custom_data', value: older.customData, firstSeenAt: SEEN_AT },
      ],
    });
  });

  it('treats nested custom data in another order as equal', () => {
    const entries = [aField('line', 'One'), aField('medium', 'Web')];
    const stored = [aTransaction({ nested: entries })];

    const seen = [aTransaction({ nested: entries.toReversed(), seenAt: SEEN_LATER })];

    expect(foldTransactions({ stored, seen })).toEqual({ transactions: stored, changed: false });
  });

  it('distinguishes a nested entry from an equal flat column', () => {
    const flat = aTransaction({ flat: [['line', 'One']] });
    const nested = aTransaction({ nested: [{ name: 'line', dataType: null, source: null, value: 'One' }] });

    expect(fold(flat, nested)?.customData).toStrictEqual([...flat.customData, ...nested.customData]);
    expect(foldTransactions({ stored: [flat], seen: [nested] }).changed).toBe(true);
  });

  it('folds each flat custom column separately, sources included', () => {
    const flat = (...columns: FlatColumn[]): FlatColumn[] => columns;
    const older = aTransaction({ flat: flat(['Quote', 1], ['Quote.source', 'AI'], ['line', 'One']) });
    const newer = aTransaction({ flat: flat(['Quote.source', 'Api'], ['line', null]), seenAt: SEEN_LATER });

    const folded = fold(older, newer);

    expect(folded?.customData).toStrictEqual([
      { name: 'Quote', dataType: null, source: 'Api', value: 1 },
      { name: 'line', dataType: null, source: null, value: 'One' },
    ]);
    expect(folded?.sightings).toStrictEqual([
      { column: 'Quote.source', firstSeenAt: SEEN_LATER },
      { column: 'Quote.source', value: 'AI', firstSeenAt: SEEN_AT },
    ]);
  });

  it('derives type and links from the current values', () => {
    const folded = fold(
      row({ transaction_type: 'Call' }, SEEN_AT),
      row({ corrects_transaction_id: 'T0', corrected_at: '2024-05-02 09:41:30 -07:00' }, SEEN_LATER),
    );

    expect(folded).toMatchObject({
      type: 'Call',
      correctsTransactionId: 'T0',
      correctedAt: new Date('2024-05-02T16:41:30Z'),
    });
  });
});

describe('foldTransactions', () => {
  it('reports no change if a row is read again', () => {
    const stored = foldAll([row({ city: 'Reno' }, SEEN_AT), row({ city: 'Elko' }, SEEN_LATER)]);
    const seen = [row({ city: 'Reno' }, SEEN_LAST), row({ city: null }, SEEN_LAST)];

    expect(foldTransactions({ stored, seen })).toEqual({ transactions: stored, changed: false });
    expect(foldTransactions({ stored, seen: [] }).changed).toBe(false);
  });

  it('reports a change if only an earlier instant is new', () => {
    const stored = [row({ city: 'Reno' }, SEEN_LATER)];

    expect(foldTransactions({ stored, seen: [row({ city: 'Reno' }, SEEN_AT)] })).toEqual({
      transactions: [row({ city: 'Reno' }, SEEN_AT)],
      changed: true,
    });
  });

  it('reports a change for a new row, even an empty one', () => {
    expect(foldTransactions({ stored: [], seen: [row({}, SEEN_AT)] }).changed).toBe(true);
  });

  it('lists transactions in the order of their ids', () => {
    const seen = ['b', 'B', 'A', '10', '9'].map((transactionId) => aTransaction({ transactionId }));

    expect(foldAll(seen).map(({ transactionId }) => transactionId)).toEqual(['10', '9', 'A', 'B', 'b']);
  });

  it('does not change its arguments', () => {
    const stored = [row({ city: 'Reno' }, SEEN_AT)];
    const before = structuredClone(stored);

    foldTransactions({ stored, seen: [row({ city: 'Elko' }, SEEN_LATER)] });

    expect(stored).toEqual(before);
  });
});
