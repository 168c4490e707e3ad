import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseRetryAfter } from '../../../src/sources/http/http-status.js';

const now = new Date('2025-06-02T18:00:00Z');

describe('parseRetryAfter', () => {
  it.each([
    ['120', 120_000],
    [' 120 ', 120_000],
    ['1.5', 1_500],
    ['0', 1_000],
    ['-30', 1_000],
    ['86400', 3_600_000],
    ['99999999999999999999999', 3_600_000],
  ])('reads %j seconds', (header, expected) => {
    expect(parseRetryAfter(header, now)).toBe(expected);
  });

  it.each([
    ['Mon, 02 Jun 2025 18:02:00 GMT', 120_000],
    ['Monday, 02-Jun-25 18:02:00 GMT', 120_000],
    ['Mon Jun  2 18:02:00 2025', 120_000],
    ['Mon, 02 Jun 2025 17:00:00 GMT', 1_000],
    ['Tue, 03 Jun 2025 18:00:00 GMT', 3_600_000],
  ])('reads the HTTP date %j', (header, expected) => {
    expect(parseRetryAfter(header, now)).toBe(expected);
  });

  it.each([undefined, '', '  ', 'soon', '1 minute', '2025-06-02', 'NaN', 'Infinity', '1e3'])(
    'finds no delay in %j',
    (header) => {
      expect(parseRetryAfter(header, now)).toBeNull();
    },
  );

  it('returns null or 1 s to 1 h for any text', () => {
    fc.assert(
      fc.property(fc.oneof(fc.string(), fc.integer().map(String), fc.double().map(String)), (header) => {
        const delayMs = parseRetryAfter(header, now);
        expect(delayMs === null || (delayMs >= 1_000 && delayMs <= 3_600_000)).toBe(true);
      }),
    );
  });
});
