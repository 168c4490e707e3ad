import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  instantOfMilliseconds,
  instantOfSeconds,
  instantOfText,
  offsetMinutesOfText,
} from '../../src/domain/instants.js';

const INSTANT = '2024-05-02T16:41:30.000Z';

describe('instantOfText', () => {
  it.each([
    ['2024-05-02 09:41:30 -07:00', INSTANT],
    ['2024-05-02 09:41:30 -0700', INSTANT],
    ['2024-05-02T18:41:30+02', INSTANT],
    ['2024-05-02T16:41:30Z', INSTANT],
    [' 2024-05-02 16:41:30 Z ', INSTANT],
    ['2024-05-03T06:26:30+13:45', INSTANT],
    ['2024-05-02T16:41Z', '2024-05-02T16:41:00.000Z'],
    ['2024-05-02T16:41:30.57Z', '2024-05-02T16:41:30.570Z'],
    ['2024-05-02T16:41:30.123456789Z', '2024-05-02T16:41:30.123Z'],
    ['2024-02-29T00:00:00Z', '2024-02-29T00:00:00.000Z'],
  ])('reads %s', (text, expected) => {
    expect(instantOfText(text)?.toISOString()).toBe(expected);
  });

  it.each([
    ['2024-05-02 09:41:30'],
    ['2024-05-02'],
    ['2023-02-29T00:00:00Z'],
    ['2024-13-01T00:00:00Z'],
    ['2024-05-02T24:00:00Z'],
    ['2024-05-02T16:60:00Z'],
    ['2024-05-02T16:41:61Z'],
    ['2024-05-02T16:41:30+14:01'],
    ['2024-05-02T16:41:30+01:60'],
    ['0000-00-00 00:00:00 +00:00'],
    ['0099-05-02T16:41:30Z'],
    ['1969-12-31T23:59:59Z'],
    ['9999-12-31T23:59:59-14:00'],
    ['soon'],
    [''],
    [null],
    [undefined],
    [1714668090000],
    [true],
  ])('returns null for %s', (value) => {
    expect(instantOfText(value)).toBeNull();
  });

  it.each([['2024-05-02 09:41:30'], ['at 09:41:30 -07:00'], ['2024-05-02T16:41:30+14:01'], ['-07:00'], [-7], [null]])(
    'finds no offset in %s',
    (value) => {
      expect(offsetMinutesOfText(value)).toBeNull();
    },
  );

  it('reads every instant in every zone', () => {
    const instants = fc.date({ min: new Date(0), max: new Date('9999-12-31T00:00:00Z'), noInvalidDate: true });

    fc.assert(
      fc.property(instants, fc.integer({ min: -14 * 60, max: 14 * 60 }), (instant, offset) => {
        const local = new Date(instant.getTime() + offset * 60_000);
        fc.pre(local.getUTCFullYear() >= 1970);
        const two = (part: number): string => String(part).padStart(2, '0');
        const zone = `${offset < 0 ? '-' : '+'}${two(Math.floor(Math.abs(offset) / 60))}:${two(Math.abs(offset) % 60)}`;

        const text = local.toISOString().replace('Z', zone);
        expect(instantOfText(text)).toEqual(instant);
        expect(offsetMinutesOfText(text)).toBe(offset);
      }),
    );
  });
});

describe('instantOfMilliseconds', () => {
  it.each([[1714668090000], ['1714668090000'], [' 1714668090000 '], ['1714668090000.0'], [1714668090000.9]])(
    'reads %j',
    (value) => {
      expect(instantOfMilliseconds(value)?.toISOString()).toBe(INSTANT);
    },
  );

  it.each([[-1], [1e20], [Number.NaN], [Number.POSITIVE_INFINITY], ['1e12'], ['x'], [' '], [''], [null], [false]])(
    'returns null for %j',
    (value) => {
      expect(instantOfMilliseconds(value)).toBeNull();
    },
  );
});

describe('instantOfSeconds', () => {
  it.each([[1714668090], ['1714668090'], [1714668090000], ['1714668090000'], ['2024-05-02T16:41:30Z']])(
    'reads %j',
    (value) => {
      expect(instantOfSeconds(value)?.toISOString()).toBe(INSTANT);
    },
  );

  it.each([[17146680901], ['171466809'], [0], ['2024-05-02 16:41:30'], ['never'], [null], [true]])(
    'returns null for %j',
    (value) => {
      expect(instantOfSeconds(value)).toBeNull();
    },
  );
});

describe('every reader of instants', () => {
  it('never returns an invalid date', () => {
    const values = fc.oneof(fc.string(), fc.double(), fc.integer(), fc.stringMatching(/^[0-9TZ:. +-]{0,30}$/));

    fc.assert(
      fc.property(values, (value) => {
        for (const read of [instantOfText, instantOfMilliseconds, instantOfSeconds]) {
          expect(read(value)?.getTime()).not.toBeNaN();
        }
      }),
      { numRuns: 1000 },
    );
  });
});
