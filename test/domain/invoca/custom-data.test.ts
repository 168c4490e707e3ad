import { describe, expect, it } from 'vitest';
import { composeCustomData, decomposeCustomData, type FlatColumn } from '../../../src/domain/invoca/custom-data.js';
import type { CustomData, Transaction } from '../../../src/domain/invoca/transaction.js';
import { aCall, aCorrection, aField, aPostCallEvent, aSignal, mergeAll } from '../../support/a-transaction.js';

function flat(...columns: FlatColumn[]): CustomData {
  return composeCustomData({ nested: [], flat: columns });
}

function values(...rows: readonly Transaction[]): string[] {
  return mergeAll(...rows).customData.map(
    ({ name, value, transactionId }) => `${name}=${value} since ${transactionId}`,
  );
}

describe('composeCustomData', () => {
  it('makes a "Quote.source" the source of "Quote"', () => {
    expect(flat(['Quote', 1], ['Quote.source', 'AI'])).toStrictEqual([
      { name: 'Quote', dataType: null, source: 'AI', value: 1 },
    ]);
    expect(flat(['Quote.source', 'AI'], ['Quote', 1])).toStrictEqual(flat(['Quote', 1], ['Quote.source', 'AI']));
  });

  it('keeps a "Quote.source" without a "Quote" as a separate entry', () => {
    const alone = [{ name: 'Quote.source', dataType: null, source: null, value: 'AI' }];

    expect(flat(['Quote.source', 'AI'])).toStrictEqual(alone);
    expect(flat(['Quote', null], ['Quote.source', 'AI'])).toStrictEqual(alone);
    expect(flat(['Quote', ''], ['Quote.source', 'AI'])).toStrictEqual(alone);
  });

  it('keeps a source that is not text as a separate entry, so that nothing is lost', () => {
    expect(flat(['Quote', 1], ['Quote.source', 7])).toStrictEqual([
      { name: 'Quote', dataType: null, source: null, value: 1 },
      { name: 'Quote.source', dataType: null, source: null, value: 7 },
    ]);
  });

  it('accepts any name', () => {
    const entries = flat(['__proto__', 1], ['__proto__.source', 'AI'], ['constructor', 'x'], ['a.$b c', 'y']);

    expect(entries.map(({ name, source }) => [name, source])).toEqual([
      ['__proto__', 'AI'],
      ['a.$b c', null],
      ['constructor', null],
    ]);
  });

  it('marks nested entries without a data type, and lists all entries in a fixed order', () => {
    const nested = [
      { name: 'b', dataType: 'Category', source: 'Api', value: 'x' },
      { name: 'a', dataType: null, source: null, value: 'y' },
      { name: 'b', dataType: 'Category', source: 'Api', value: 'x' },
      { name: 'b', dataType: '', source: '', value: '' },
    ];

    expect(composeCustomData({ nested, flat: [['a', 'z']] })).toStrictEqual([
      { name: 'a', dataType: null, source: null, value: 'z' },
      { name: 'a', dataType: null, source: null, value: 'y', nested: true },
      { name: 'b', dataType: 'Category', source: 'Api', value: 'x' },
      { name: 'b', dataType: null, source: null, value: null, nested: true },
    ]);
  });

  it('keeps text in the form that MongoDB stores', () => {
    expect(flat(['a\uD800', 'b\uDC00'])).toStrictEqual([
      { name: 'a\uFFFD', dataType: null, source: null, value: 'b\uFFFD' },
    ]);
  });
});

describe('decomposeCustomData', () => {
  it('returns the original columns', () => {
    const columns: FlatColumn[] = [
      ['Quote', 1],
      ['Quote.source', 'AI'],
      ['line', 'Standard'],
    ];
    const nested = [aField('utm_medium', 'Email')];

    expect(decomposeCustomData(composeCustomData({ nested, flat: columns }))).toEqual({ nested, flat: columns });
  });
});

describe('custom data of a call', () => {
  const call = aCall(
    'A',
    { start_time_utc: 1714600000000 },
    { nested: [aField('line', 'One'), aField('medium', 'Web')] },
  );

  it('is what the newest row of a chain states; names that it leaves out are removed', () => {
    expect(values(call, aCorrection('B', { of: 'A', minute: 1 }, { nested: [aField('line', 'Two')] }))).toEqual([
      'line=Two since B',
    ]);
    expect(values(call, aCorrection('B', { of: 'A', minute: 1 }))).toEqual([]);
  });

  it('counts from the oldest row of the unbroken run of its value', () => {
    const restated = aCorrection('C', { of: 'A', minute: 9 }, { nested: [aField('line', 'One', 'Import')] });
    const event = aPostCallEvent('E', { signal_occurred_at: '1714651500' }, { nested: [aField('line', 'Two')] });

    expect(mergeAll(call, aCorrection('B', { of: 'A', minute: 1 }), restated).customData).toEqual([
      { name: 'line', dataType: 'Category', source: 'Api', value: 'One', transactionId: 'A' },
    ]);
    expect(values(call, restated, event)).toEqual(['line=Two since E']);
  });

  it('is not removed by another chain, nor by a null', () => {
    const event = aPostCallEvent('E', { signal_occurred_at: '1714651500' }, { nested: [aField('line', null)] });

    expect(values(call, event)).toEqual(['line=One since A', 'medium=Web since A']);
  });

  it('compares names exactly, and lists them by lower case, then name', () => {
    const nested = ['b', 'line', 'Line', 'LINE', 'A'].map((name) => aField(name, 1));

    expect(mergeAll(aCall('A', {}, { nested })).customData.map(({ name }) => name)).toEqual([
      'A',
      'b',
      'LINE',
      'Line',
      'line',
    ]);
  });

  it('contains no signals: a nested signal hides the flat column of the same name', () => {
    const row = aCall(
      'A',
      {},
      { nested: [aSignal('Quote', null)], flat: [['QUOTE', 1], ['QUOTE.source', 'AI'], ['Quotes', 1]] }, // prettier-ignore
    );

    expect(values(row)).toEqual(['Quotes=1 since A']);
  });

  it('prefers a nested entry to the flat column of the same name', () => {
    const nested = [{ name: 'line', dataType: null, source: 'Api', value: 'nested' }];

    expect(mergeAll(aCall('A', {}, { nested, flat: [['line', 'zflat']] })).customData).toEqual([
      { name: 'line', dataType: null, source: 'Api', value: 'nested', transactionId: 'A' },
    ]);
    expect(values(aCall('A', {}, { nested: [aField('line', null)], flat: [['line', 'flat']] }))).toEqual([
      'line=flat since A',
    ]);
  });
});
