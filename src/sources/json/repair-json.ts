import { jsonrepair } from 'jsonrepair';
import { parseExactJson, parseJson } from './json.js';

/** Limit of misplaced quotes × characters, some 10 ms: the library takes quadratic time if there are many. */
const MOST_WORK = 10_000_000;

/**
 * Parses a text that is nearly JSON, with all digits of its numbers; undefined if it cannot be read. A value that JSON
 * does not have becomes a string: `NaN`, `0x10` and `01` are read as `"NaN"`, `"0x10"` and `"01"`.
 *
 * @throws RangeError if it is nested too deeply
 */
export function repairJson(text: string): unknown {
  const escaped = withoutBadEscapes(withoutControls(text));
  try {
    return parseJson(escaped);
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
  }
  if (looseQuotes(escaped) * escaped.length > MOST_WORK) return undefined;
  try {
    return parseExactJson(jsonrepair(escaped), (digits) => incompleteNumber(digits, escaped));
  } catch (error) {
    if (error instanceof RangeError) throw error;
    return undefined;
  }
}

/**
 * Escapes control characters, as JSON requires inside strings. Line breaks and tabs may also be outside of strings: the
 * library escapes them.
 */
function withoutControls(text: string): string {
  return text.replace(/(?![\t\n\r])\p{Cc}/gu, (character) => {
    return `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`;
  });
}

/** Reads `\x41` and `\'` as JavaScript does. Doubles the backslash of any other escape that JSON does not have. */
function withoutBadEscapes(text: string): string {
  return text.replace(/\\(?:(["\\/bfnrt]|u[0-9a-fA-F]{4})|x([0-9a-fA-F]{2})|('))?/g, (escape, ...groups) => {
    const [good, code, quote] = groups as (string | undefined)[];
    if (good !== undefined) return escape;
    return code === undefined ? (quote ?? String.raw`\\`) : String.raw`\u00` + code;
  });
}

/** Counts the quotes that neither begin nor end a string. */
function looseQuotes(text: string): number {
  const quotes = /[{[,:]\s*'/.test(text) ? /\\.|["']/gs : /\\.|"/gs;
  let count = 0;
  let isInside = false;
  for (const { 0: quote, index } of text.matchAll(quotes)) {
    if (quote.length > 1) continue;
    const isExpected = isInside
      ? /^\s*[}\],:]/.test(text.slice(index + 1, index + 11))
      : /[{[,:]\s*$/.test(text.slice(Math.max(0, index - 10), index));
    if (isExpected) isInside = !isInside;
    else count += 1;
  }
  return count;
}

/** Returns `-` or `1e` for a number that the library made up from it; null for a number that is in the text. */
function incompleteNumber(digits: string, text: string): string | null {
  if (!/^-0$|e[+-]?0$/i.test(digits)) return null;
  const number = digits.replace(/[+.]/g, String.raw`\$&`);
  return new RegExp(String.raw`(?<![\w.+-])${number}(?![\w.])`).test(text) ? null : digits.slice(0, -1);
}
