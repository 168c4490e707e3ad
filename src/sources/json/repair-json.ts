import { jsonrepair } from 'jsonrepair';
import { parseExactJson, parseJson } from './json.js';

/**
 * A text with many quotes in the wrong places takes the library the square of its length; this much takes some 10 ms.
 */
const MOST_WORK = 10_000_000;

/**
 * The value of a text that is nearly JSON, to the last digit; undefined where it cannot be read. What JSON has no
 * form for is kept as text, as it stands: `NaN`, `0x10` and `01` are `"NaN"`, `"0x10"` and `"01"`.
 *
 * @throws RangeError where it is nested too deeply
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
 * Inside a text JSON wants them escaped; the library escapes line breaks and tabs, which may also stand outside of one.
 */
function withoutControls(text: string): string {
  return text.replace(/(?![\t\n\r])\p{Cc}/gu, (character) => {
    return `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`;
  });
}

/** `\x41` and `\'` as JavaScript reads them; the backslash of any other escape JSON does not have stands for itself. */
function withoutBadEscapes(text: string): string {
  return text.replace(/\\(?:(["\\/bfnrt]|u[0-9a-fA-F]{4})|x([0-9a-fA-F]{2})|('))?/g, (escape, ...groups) => {
    const [good, code, quote] = groups as (string | undefined)[];
    if (good !== undefined) return escape;
    return code === undefined ? (quote ?? String.raw`\\`) : String.raw`\u00` + code;
  });
}

/** How many quotes stand where a text neither begins nor ends. */
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

/** `-` or `1e`, which the library completes to a number nobody stated; null for a number that stands in the text. */
function incompleteNumber(digits: string, text: string): string | null {
  if (!/^-0$|e[+-]?0$/i.test(digits)) return null;
  const number = digits.replace(/[+.]/g, String.raw`\$&`);
  return new RegExp(String.raw`(?<![\w.+-])${number}(?![\w.])`).test(text) ? null : digits.slice(0, -1);
}
