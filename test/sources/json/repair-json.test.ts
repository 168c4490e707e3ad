import { describe, expect, it } from 'vitest';
import { repairJson } from '../../../src/sources/json/repair-json.js';

describe('repairJson', () => {
  it.each([
    ...['NaN', 'Infinity', '-Infinity', '-NaN', '0x10', '-0x1F', '01', '-007', '0o17', '10n', '1_000', '1.2.3', '--1'],
    ...['-', '1e', '1.5e+', 'nope', '$12.50', '(80.00)', '2024-05-02'],
  ])('keeps %s as a string', (value) => {
    expect(repairJson(`{"a":${value},"b":1}`)).toEqual({ a: value, b: 1 });
  });

  it.each([
    ['.5', 0.5],
    ['-.5', -0.5],
    ['1.', 1],
    ['undefined', null],
    ['None', null],
    ['True', true],
    ["'it\"s'", 'it"s'],
  ])('reads %s', (value, expected) => {
    expect(repairJson(`{"a":${value},"b":1}`)).toEqual({ a: expected, b: 1 });
  });

  it('keeps every digit of a number', () => {
    const text =
      '{"a":NaN,"b":12345678901234567890,"c":0.12345678901234567890123,"d":1e400,"e":-0,"f":12.340000000000001}';

    expect(repairJson(text)).toEqual({
      a: 'NaN',
      b: '12345678901234567890',
      c: '0.12345678901234567890123',
      d: '1e400',
      e: -0,
      f: '12.340000000000001',
    });
  });

  it.each([
    ['control characters', '{"a":"x\u0000\u0001\n\t\u001fy"}', { a: 'x\u0000\u0001\n\t\u001fy' }],
    ['a hexadecimal escape', String.raw`{"a":"\x41\\x41"}`, { a: String.raw`A\x41` }],
    ['escapes that do not exist', String.raw`{"a":"C:\dir\qx\u12 \'"}`, { a: String.raw`C:\dir\qx\u12 '` }],
    ['half a surrogate pair', String.raw`{"a":"\ud800","b":NaN}`, { a: '\ud800', b: 'NaN' }],
    ['a line separator', '{"a":"x\u2028y","b":NaN}', { a: 'x\u2028y', b: 'NaN' }],
    ['quotes in a string', '{"a":"say "hi" now","b":1}', { a: 'say "hi" now', b: 1 }],
    ['extra commas', '{"a":[1,],}', { a: [1] }],
    ['a comma missing', '{"a":1 "b":2}', { a: 1, b: 2 }],
    ['names without quotes', '{a:1}', { a: 1 }],
    ['equal names', '{"a":NaN,"a":2}', { a: 2 }],
    ['comments', '{"a":1/*x*/}', { a: 1 }],
  ])('reads %s', (_what, text, expected) => {
    expect(repairJson(text)).toEqual(expected);
  });

  it('returns objects with own properties only', () => {
    const value = repairJson('{"__proto__":{"polluted":NaN},"constructor":1}') as object;

    expect(Object.keys(value)).toEqual(['__proto__', 'constructor']);
    expect(({} as { polluted?: unknown }).polluted).toBeUndefined();
  });

  it.each(['{"a":+1}', '{"a":1,234.50}', '{"a"="b"}', '{"a":1,,"b":2}', '{"a":12 USD}'])(
    'does not guess at %s',
    (text) => {
      expect(repairJson(text)).toBeUndefined();
    },
  );

  it('throws for a text that is nested too deeply', () => {
    expect(() => repairJson(`[NaN,${'['.repeat(50_000)}${']'.repeat(50_000)}]`)).toThrow(RangeError);
  });

  it.each(['x"', ':"x ', ',"x', '"b" ', "x'", '\\', ' '])(
    'reads or refuses any text without delay: %j repeated',
    (part) => {
      for (const [open, close] of [
        ['{"a":"', '"}'],
        ["{'a':'", "'}"],
        ['{"a":', '}'],
      ] as const) {
        expect(['object', 'string', 'undefined']).toContain(typeof repairJson(open + part.repeat(20_000) + close));
      }
    },
  );
});
