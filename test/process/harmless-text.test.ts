import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { harmlessJson, harmlessLine, harmlessText } from '../../src/process/harmless-text.js';

/** Characters that act on a terminal or on the text around them, or are invisible. */
const UNSEEN = [
  ...['\x00', '\x07', '\b', '\v', '\f', '\r', '\x1b', '\x7f', '\x80', '\x85', '\x9b', '\x9d', '\x9f'],
  ...['\u200e', '\u200f', '\u061c', '\u202a', '\u202e', '\u2066', '\u2069', '\u2028', '\u2029'],
  ...['\u00ad', '\u034f', '\u200b', '\u200d', '\u2060', '\u3164', '\ufeff', '\ufff9', '\u{e0041}'],
  ...['\ud800', '\udc00'],
];

const anyText = fc.string({
  unit: fc.oneof(fc.constantFrom(...UNSEEN, '\n', '\t', '\\', '"'), fc.string({ unit: 'binary', maxLength: 1 })),
});

describe('harmlessText', () => {
  it.each(UNSEEN.map((character) => [character.codePointAt(0)?.toString(16), character]))(
    'writes out U+%s',
    (code, character) => {
      expect(harmlessText(`a${character}b`)).toBe(`a\\u{${code}}b`);
      expect(harmlessLine(`a${character}b`)).toBe(`a\\u{${code}}b`);
    },
  );

  it('turns sequences that act on a terminal into plain text', () => {
    expect(harmlessText('\x1b]0;title\x07\x1b[2J\x9b31m')).toBe('\\u{1b}]0;title\\u{7}\\u{1b}[2J\\u{9b}31m');
  });

  it('keeps visible characters', () => {
    const text = 'Zoë  \\u{1b} 通話 مكالمة ❤\ufe0f 👍🏽 e\u0301\n\tnext';
    expect(harmlessText(text)).toBe(text);
  });

  it('keeps line breaks and tabs in a text, but not in a line', () => {
    expect(harmlessText('a\n\tb')).toBe('a\n\tb');
    expect(harmlessLine('a\n\tb')).toBe('a\\u{a}\\u{9}b');
  });

  it('changes nothing when applied again', () => {
    fc.assert(
      fc.property(anyText, (text) => {
        expect(harmlessText(harmlessText(text))).toBe(harmlessText(text));
        expect(harmlessLine(text)).not.toMatch(/[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/u);
      }),
    );
  });
});

describe('harmlessJson', () => {
  it('keeps the value without a character that acts on a terminal', () => {
    fc.assert(
      fc.property(anyText, (text) => {
        const value = { [text]: [text] };
        const json = harmlessJson(JSON.stringify(value, null, 2));
        expect(JSON.parse(json)).toEqual(value);
        expect(json).not.toMatch(/(?!\n)[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/u);
      }),
    );
  });
});
