import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { amountOf, readAmount, sumOf } from '../../../src/domain/money/money.js';
import { aCall, aCorrection, aPostCallEvent, mergeAll } from '../../support/a-transaction.js';

describe('amountOf', () => {
  it.each([
    ['80.0', '80.0'],
    ['0.0', '0.0'],
    ['-0.00', '0.00'],
    ['007.50', '7.50'],
    ['1.234', '1.234'],
    ['.5', '0.5'],
    ['5.', '5'],
    ['+5', '5'],
    [80, '80'],
    [80.5, '80.5'],
    [-0, '0'],
    [1e-7, '0.0000001'],
    [1e21, '1000000000000000000000'],
    ['1e-7', '0.0000001'],
    ['1E+3', '1000'],
    ['1.50e2', '150'],
    ['-12.5e-1', '-1.25'],
  ])('reads the number %j', (value, expected) => {
    expect(amountOf(value)).toBe(expected);
  });

  it.each([
    ['12.340000000000001', '12.340000000000001'],
    [0.1 + 0.2, '0.30000000000000004'],
    ['1234.5678901234', '1234.5678901234'],
    ['1'.repeat(34), '1'.repeat(34)],
    [`0.${'1'.repeat(34)}`, `0.${'1'.repeat(34)}`],
    [`1.${'0'.repeat(60)}`, `1.${'0'.repeat(33)}`],
    ['1e-6176', `0.${'0'.repeat(6_175)}1`],
    ['1e6144', `1${'0'.repeat(6_144)}`],
  ])('is exact as far as Decimal128 reaches: %j', (value, expected) => {
    expect(amountOf(value)).toBe(expected);
  });

  it.each([['1'.repeat(35)], [`1.${'1'.repeat(34)}`], ['1e-6177'], ['1e6145'], ['9'.repeat(50_000)]])(
    'reads a number beyond these limits as unreadable: %j',
    (value) => {
      expect(readAmount(value)).toEqual({ kind: 'unreadable' });
    },
  );

  it.each([
    ['$1,234.50', '1234.50'],
    ['1,234,567', '1234567'],
    ['-$5', '-5'],
    ['$-5', '-5'],
    ['- 5', '-5'],
    ['+$5', '5'],
    ['$.50', '0.50'],
    ['€ 12.30', '12.30'],
    ['12.30 €', '12.30'],
    [' 12.30£ ', '12.30'],
    ['CA$12.50', '12.50'],
    ['US$1,234.50', '1234.50'],
    ['US $80', '80'],
    ['$US 80', '80'],
    ['A$5', '5'],
    ['R$ 5.50', '5.50'],
    ['¤5', '5'],
  ])('reads a sign: %j', (value, expected) => {
    expect(amountOf(value)).toBe(expected);
  });

  it.each([
    ['80.00 USD', '80.00'],
    ['EUR 80', '80'],
    ['80EUR', '80'],
    ['eur 80', '80'],
    ['$80.00 USD', '80.00'],
    ['USD $80.00', '80.00'],
    ['Rs. 100', '100'],
    ['Rs 1,00,000', '100000'],
    ['100 Kč', '100'],
    ['kr 100', '100'],
    ['50 zł', '50'],
  ])('reads a code, and signs made of letters: %j', (value, expected) => {
    expect(amountOf(value)).toBe(expected);
  });

  it.each([
    ['₹1,00,000.00', '100000.00'],
    ['12,34,567.89', '1234567.89'],
    ["CHF 1'234.50", '1234.50'],
    ['CHF 1’234’567', '1234567'],
    ['1\u00a0234.50', '1234.50'],
    ['1\u202f234\u202f567 kr', '1234567'],
    ['＄１，２３４．５０', '1234.50'],
    ['\u200f80.00\u00a0₪', '80.00'],
  ])('reads thousands in groups, and any space: %j', (value, expected) => {
    expect(amountOf(value)).toBe(expected);
  });

  it.each([
    ['(80.00)', '-80.00'],
    ['($80.00)', '-80.00'],
    ['$(80.00)', '-80.00'],
    ['(80.00) USD', '-80.00'],
    ['(0.00)', '0.00'],
    ['80.00-', '-80.00'],
    ['$80.00-', '-80.00'],
    ['\u221280', '-80'],
    ['\u2013€80', '-80'],
  ])('reads every form of minus that accounts use: %j', (value, expected) => {
    expect(amountOf(value)).toBe(expected);
  });

  it.each([
    ...['12,50', '1,23,4', '1234,567', '0,123', '1,234,56', '1.234,50', '1.2.3', '1,234 567', '1 23', '0,000'],
    ...[
      'abc',
      'N/A',
      '5 min',
      'XYZ 5',
      '80 dollars',
      '80%',
      '1/2',
      '$1.5k',
      '0x10',
      '1_000',
      '٣',
      '1²',
      '½',
      '80.00 - 90.00',
    ],
    ...[
      '$5$',
      '$5 CA$',
      'EUR USD 5',
      '$',
      'USD',
      '-',
      '.',
      '--5',
      '-$-5',
      '+-5',
      '(80',
      '80)',
      '(-80)',
      '-(80)',
      '(80)-',
    ],
    ...['1e', 'e5', '1e5 USD', '$1e5', 'NaN', 'Infinity', '{"a":5}', '{}'],
    ...[Number.NaN, Number.NEGATIVE_INFINITY, true, false],
  ])('reads %j as unreadable', (value) => {
    expect(readAmount(value)).toEqual({ kind: 'unreadable' });
    expect(amountOf(value)).toBeNull();
  });

  it.each([[''], ['  '], ['\u00a0'], [null], [undefined]])('reads %j as blank', (value) => {
    expect(readAmount(value)).toEqual({ kind: 'blank' });
  });

  it('reads or refuses any text without delay', () => {
    const hostile = [
      '1,'.repeat(9_000),
      "1'234".repeat(2_000),
      ' '.repeat(9_999),
      '$'.repeat(9_999),
      '(-'.repeat(5_000),
    ];

    for (const text of hostile) expect(readAmount(text).kind).not.toBe('amount');
  });

  it('reads every amount in every usual spelling', () => {
    const amounts = fc.record({
      minus: fc.constantFrom('', '-'),
      whole: fc.bigInt({ min: 0n, max: 999_999_999_999_999_999n }),
      fraction: fc.stringMatching(/^(\.\d{1,16})?$/),
      sign: fc.constantFrom('', '$', '€', '¥', 'CA$', 'USD', 'Rs.'),
    });

    fc.assert(
      fc.property(amounts, ({ minus, whole, fraction, sign }) => {
        const isZero = whole === 0n && !/[1-9]/.test(fraction);
        const expected = `${isZero ? '' : minus}${whole}${fraction}`;

        expect(amountOf(`${minus}${whole}${fraction}`)).toBe(expected);
        expect(amountOf(`${minus}${sign}${whole.toLocaleString('en-US')}${fraction}`)).toBe(expected);
        expect(amountOf(`${minus}${whole}${fraction} ${sign}`)).toBe(expected);
        expect(amountOf(`${sign} ${whole.toLocaleString('en-IN')}${fraction}${minus}`)).toBe(expected);
        if (minus !== '') expect(amountOf(`(${sign}${whole}${fraction})`)).toBe(expected);
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
    expect(sumOf(['12.340000000000001', '0.000000000000001'])).toBe('12.340000000000002');
  });

  it('is rounded to 34 digits, half to even, if it has more', () => {
    const whole = `1${'0'.repeat(33)}`;

    expect(sumOf([whole, '0.5'])).toBe(whole);
    expect(sumOf([whole, '1.5'])).toBe(`1${'0'.repeat(32)}2`);
    expect(sumOf(['1e6144', '0.1'].map((text) => amountOf(text) ?? ''))).toBe(amountOf('1e6144'));
  });

  it('is null without addends', () => {
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

  it('adds the newest amount of each event to the newest amount of the call', () => {
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

  it('leaves out amounts that are blank or unreadable in the newest row', () => {
    expect(
      mergeAll(call, aCorrection('B', { of: 'A', minute: 1 }), aPostCallEvent('E', { revenue: '12,50' })),
    ).toMatchObject({ revenue: null, events: [{ revenue: null }], provenance: { unreadableAmounts: 1 } });
  });

  it('counts unreadable amounts until a correction states them again', () => {
    const unreadable = [
      aCall('A', { revenue: 'abc' }),
      aCall('L', { revenue: 'abc', payin_conditions: 'Bundled' }),
      aPostCallEvent('E', { revenue: '12,50', signal_partner_unique_id: 'crm-1' }),
      aPostCallEvent('F', { revenue: '5', signal_partner_unique_id: 'crm-2' }),
    ];
    const mended = aCorrection('B', { of: 'A', minute: 1, revenue: '12.50' });

    expect(mergeAll(...unreadable)).toMatchObject({ revenue: '5', provenance: { unreadableAmounts: 2 } });
    expect(mergeAll(...unreadable, mended)).toMatchObject({ revenue: '17.50', provenance: { unreadableAmounts: 1 } });
    expect(mergeAll(call)).toMatchObject({
      provenance: expect.not.objectContaining({ unreadableAmounts: 0 }) as unknown,
    });
  });

  it('names the transactions that stated zero if none stated more', () => {
    const zero = aPostCallEvent('E', { revenue: '0.0' });

    expect(mergeAll(aCall('A', { revenue: 0 }), zero).provenance.revenue).toEqual(['A', 'E']);
    expect(mergeAll(call, zero).provenance.revenue).toEqual(['A']);
  });
});
