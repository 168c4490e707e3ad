import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { canonicalJson, parseJson, readJson } from '../../../src/sources/json/json.js';

describe('parseJson', () => {
  it.each([
    ['[{"id": 12345678901234567890}]', [{ id: '12345678901234567890' }]],
    ['[9007199254740993, 9007199254740991]', ['9007199254740993', 9007199254740991]],
    ['{"a":-12345678901234567890}', { a: '-12345678901234567890' }],
    ['{"a": 1e400, "b": 1e2}', { a: '1e400', b: 100 }],
    ['{"a":0.12345678901234567890123}', { a: '0.12345678901234567890123' }],
  ])('returns numbers that it cannot hold as their digits: %s', (text, expected) => {
    expect(parseJson(text)).toEqual(expected);
  });

  it('keeps the last of two equal keys, as JSON.parse does', () => {
    expect(parseJson('{"a":1,"a":2,"big":12345678901234567890}')).toEqual({ a: 2, big: '12345678901234567890' });
  });

  it('reads a text that is nested too deeply for the exact parser', () => {
    const depth = 50_000;

    const value = parseJson(`[12345678901234567890,${'['.repeat(depth)}${']'.repeat(depth)}]`);

    expect(value).toHaveLength(2);
  });

  it.each(['', '[', '[1,]', '<html>', '[12345678901234567890'])('refuses %j', (text) => {
    expect(() => parseJson(text)).toThrow(SyntaxError);
  });

  it('agrees with JSON.parse on texts without such numbers', () => {
    fc.assert(
      fc.property(fc.json(), (text) => {
        fc.pre(!/\d{16}|e/i.test(text));
        expect(parseJson(text)).toEqual(JSON.parse(text));
      }),
    );
  });

  it('loses no digit of any integer', () => {
    fc.assert(
      fc.property(fc.bigInt(), (number) => {
        const [read] = parseJson(`[${number}]`) as [number | string];
        expect(BigInt(read)).toBe(number);
      }),
    );
  });
});

describe('readJson', () => {
  it('returns the value of a body in UTF-8, null included', () => {
    expect(readJson(Buffer.from('["größer",12345678901234567890]'))).toEqual({
      value: ['größer', '12345678901234567890'],
    });
    expect(readJson(Buffer.from('null'))).toEqual({ value: null });
  });

  it.each([
    ['an empty body', Buffer.of()],
    ['text that is not JSON', Buffer.from('<html>')],
    ['another encoding', Buffer.from('["für"]', 'latin1')],
    ['half a character', Buffer.from('"🦷"').subarray(0, 3)],
  ])('returns null for %s', (_what, body) => {
    expect(readJson(body)).toBeNull();
  });
});

describe('canonicalJson', () => {
  it('is the same whatever the order of keys, at any depth', () => {
    expect(canonicalJson({ b: [{ d: 1, c: 2 }], a: null })).toBe(canonicalJson({ a: null, b: [{ c: 2, d: 1 }] }));
  });

  it('keeps the order of lists', () => {
    expect(canonicalJson([2, 1])).toBe('[2,1]');
  });
});
