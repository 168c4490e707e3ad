import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { amountOf, sumOf } from '../../src/domain/money.js';
import { aCall, aCorrection, aPostCallEvent, mergeAll } from '../support/a-transaction.js';

describe('amountOf', () => {
  it.each([
    ['80.0', '80.0'],
    ['0.0', '0.0'],
    ['-0.00', '0.00'],
    ['007.50', '7.50'],
    ['$1,234.50', '1234.50'],
    ['1,234,567', '1234567'],
    ['-$5', '-5'],
    ['$-5', '-5'],
    ['- 5', '-5'],
    ['€ 12.30', '12.30'],
    ['12.30 €', '12.30'],
    [' 12.30£ ', '12.30'],
    ['1234.5678901234', '1234.5678901234'],
    ['123456789012345678', '123456789012345678'],
    [80, '80'],
    [80.5, '80.5'],
    [-0, '0'],
    [1e-7, '0.0000001'],
  ])('reads %j', (value, expected) => {
    expect(amountOf(value)).toBe(expected);
  });

  it.each([
    ['12,50'],
    ['1,23,4'],
    ['1234,567'],
    ['0,123'],
    ['1,234,56'],
    ['1.234,50'],
    ['1.2.3'],
    ['abc'],
    ['1e5'],
    ['USD 5'],
    ['$5$'],
    ['-$-5'],
    ['$'],
    ['-'],
    ['.5'],
    ['5.'],
    ['+5'],
    ['(5.00)'],
    ['0x10'],
    ['٣'],
    ['1234567890123456789'],
    ['1.12345678901'],
    [1e21],
    [0.1 + 0.2],
    [Number.NaN],
    [Number.NEGATIVE_INFINITY],
    [true],
    [''],
    [null],
    [undefined],
  ])('takes %j for unstated', (value) => {
    expect(amountOf(value)).toBeNull();
  });

  it('reads every amount in every usual spelling', () => {
    const amounts = fc.record({
      minus: fc.constantFrom('', '-'),
      whole: fc.bigInt({ min: 0n, max: 999_999_999_999_999_999n }),
      fraction: fc.stringMatching(/^(\.\d{1,10})?$/),
      sign: fc.constantFrom('', '$', '€', '¥'),
    });

    fc.assert(
      fc.property(amounts, ({ minus, whole, fraction, sign }) => {
        const isZero = whole === 0n && !/[1-9]/.test(fraction);
        const expected = `${isZero ? '' : minus}${whole}${fraction}`;

        expect(amountOf(`${minus}${whole}${fraction}`)).toBe(expected);
        expect(amountOf(`${minus}${sign}${whole.toLocaleString('en-US')}${fraction}`)).toBe(expected);
        expect(amountOf(`${minus}${whole}${fraction} ${sign}`)).toBe(expected);
      }),
    );
  });
});

describe('sumOf', () => {
  it('is exact, and keeps the largest scale', () => {
    expect(sumOf(['0.0', '80.0'])).toBe('80.0');
    expect(sumOf(['0.1', '0.2'])).toBe('0.3');
    expect(sumOf(['1', '2.50'])).toBe('3.50');
    expect(sumOf(['-5.00', '5'])).toBe('0.00');
    expect(sumOf(['123456789012345678', '0.0000000001'])).toBe('123456789012345678.0000000001');
  });

  it('is null of nothing', () => {
    expect(sumOf([])).toBeNull();
  });

  it('does not depend on the order, and fits 34 digits', () => {
    const amounts = fc
      .tuple(fc.bigInt({ min: -(10n ** 28n) + 1n, max: 10n ** 28n - 1n }), fc.integer({ min: 0, max: 10 }))
      .map(([digits, scale]) => {
        const text = String(digits < 0n ? -digits : digits).padStart(29, '0');
        return `${digits < 0n ? '-' : ''}${text.slice(0, -10)}.${text.slice(-10)}`.slice(0, scale - 10 || undefined);
      })
      .map((text) => amountOf(text.replace(/\.$/, '')) ?? '0');
    const twoOrders = fc
      .array(amounts, { minLength: 1, maxLength: 20 })
      .chain((all) => fc.tuple(fc.constant(all), fc.shuffledSubarray(all, { minLength: all.length })));

    fc.assert(
      fc.property(twoOrders, ([one, other]) => {
        expect(sumOf(one)).toBe(sumOf(other));
        expect(sumOf(one)?.replaceAll(/\D/g, '').length).toBeLessThanOrEqual(34);
        expect(sumOf(one)).toMatch(/^(-?(?!0\d)\d+(\.\d+)?)$/);
        expect(sumOf(one)).not.toMatch(/^-[0.]*$/);
      }),
    );
  });
});

describe('the revenue of a call', () => {
  const call = aCall('A', { start_time_utc: 1714667467000, revenue: '10.00' });

  it('adds what each event states last to what the call states last', () => {
    const { revenue, provenance, events } = mergeAll(
      call,
      aCorrection('B', { of: 'A', minute: 1, revenue: '20.00' }),
      aPostCallEvent('E1', { revenue: '$1,000.5', signal_partner_unique_id: 'crm-1' }),
      aPostCallEvent('E2', { revenue: '2', signal_partner_unique_id: 'crm-2', corrects_transaction_id: 'E0' }),
    );

    expect(revenue).toBe('1022.50');
    expect(provenance.revenue).toEqual(['B', 'E1', 'E2']);
    expect(events.map((event) => event.revenue)).toEqual(['1000.5', '2']);
  });

  it('leaves out what is blank on the newest row, or unreadable', () => {
    expect(
      mergeAll(call, aCorrection('B', { of: 'A', minute: 1 }), aPostCallEvent('E', { revenue: '12,50' })),
    ).toMatchObject({ revenue: null, events: [{ revenue: null }], provenance: {} });
  });

  it('names those who stated a zero where nobody stated more', () => {
    const zero = aPostCallEvent('E', { revenue: '0.0' });

    expect(mergeAll(aCall('A', { revenue: 0 }), zero).provenance.revenue).toEqual(['A', 'E']);
    expect(mergeAll(call, zero).provenance.revenue).toEqual(['A']);
  });
});
