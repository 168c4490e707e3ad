import Big from 'big.js';
import { isBlank, type ColumnValue } from '../blank.js';
import type { DecimalText } from '../call.js';
import { decimalOf, roundedDecimal } from './decimals.js';

/** The result of reading an amount: `unreadable` means that the text is ambiguous or no amount. */
export type StatedAmount =
  | { readonly kind: 'blank' }
  | { readonly kind: 'amount'; readonly amount: DecimalText }
  | { readonly kind: 'unreadable' };

const BLANK: StatedAmount = { kind: 'blank' };
const UNREADABLE: StatedAmount = { kind: 'unreadable' };

/** Longer than any number that Decimal128 holds. */
const LONGEST_TEXT = 10_000;

/** Direction marks, which formatters put around amounts, and characters without width. */
const INVISIBLE = /[\u061c\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff]/g;
const FULL_WIDTH = /[\uff01-\uff5e]/g;
/** Hyphens and dashes that stand for minus. */
const DASH = /[\u2010-\u2013\u2212\ufe63]/g;

/** Currency signs made of letters, as people write them next to amounts; they are not ISO codes. */
const LETTER_SIGNS = [
  ...['Rs', 'Re', 'kr', 'K\u010d', 'z\u0142', 'Ft', 'lei', 'S?Fr', 'RM', 'Rp', 'R', 'S/', 'Bs', 'KSh', 'TSh', 'USh'],
  ...['\u043b\u0432', '\u0440\u0443\u0431', '\u0440', '\u0433\u0440\u043d', '\u5143', '\u5186'],
];

/** ISO 4217 codes that this Node.js knows, in capitals and in small letters. */
const CODES = Intl.supportedValuesOf('currency').flatMap((code) => [code, code.toLowerCase()]);

/** A currency sign with the country before or after it: `$`, `CA$`, `US $`, `$US`. */
const SIGN = String.raw`(?:[A-Z]{2,3} |[A-Za-z]{0,3})\p{Sc}(?:[A-Z]{2,3}(?!\p{L}))?`;

/** The source of a regular expression that matches one currency, by its sign or its code. */
const CURRENCY = `(?:${SIGN}|(?:${CODES.join('|')})(?!\\p{L})|(?:${LETTER_SIGNS.join('|')})\\.?(?!\\p{L}))`;

/** Groups of three, or in Indian style of two before the last three. The first has no leading 0 ("0,123"). */
const GROUPED = String.raw`[1-9]\d{0,2}(?:(?<group>[,'\u2019 ])\d{3})(?:\k<group>\d{3})*|[1-9]\d?(?:,\d{2})+,\d{3}`;
const NUMBER = String.raw`(?<number>(?:${GROUPED}|\d+)(?:\.\d*)?|\.\d+)`;

const AMOUNT = new RegExp(
  String.raw`^(?<first>[-+])? ?(?<before>${CURRENCY})? ?(?<beside>${CURRENCY})? ?(?<open>\()? ?(?<inner>${CURRENCY})? ?(?<second>[-+])? ?` +
    String.raw`${NUMBER} ?(?<last>-)? ?(?<close>\))? ?(?<after>${CURRENCY})?$`,
  'u',
);

/** A number as programs write it, the only form with an exponent: "1E+3". */
const PLAIN = /^[-+]?(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d{1,6})?$/;

/**
 * Reads an amount of money as exact text and keeps its scale: `"$1,234.50"` becomes `"1234.50"`. Unreadable are amounts
 * with more digits than Decimal128 holds ("0.1" and 34 more), with a decimal comma ("12,50"), and words.
 */
export function readAmount(value: ColumnValue | null | undefined): StatedAmount {
  if (isBlank(value)) return BLANK;
  if (typeof value === 'boolean') return UNREADABLE;
  const text = typeof value === 'number' ? String(value) : plainText(value);
  if (text.length > LONGEST_TEXT) return UNREADABLE;
  if (text === '') return BLANK;
  const digits = PLAIN.test(text) ? text : spelledAmount(text);
  const amount = digits === null ? null : decimalOf(digits);
  return amount === null ? UNREADABLE : { kind: 'amount', amount };
}

/** Reads an amount of money as {@link readAmount} does; null if blank or unreadable. */
export function amountOf(value: ColumnValue | null | undefined): DecimalText | null {
  const stated = readAmount(value);
  return stated.kind === 'amount' ? stated.amount : null;
}

/** Gives texts that look alike one form: any space becomes one space, any minus a hyphen. */
function plainText(text: string): string {
  return text
    .replace(INVISIBLE, '')
    .replace(FULL_WIDTH, (character) => String.fromCharCode(character.charCodeAt(0) - 0xfee0))
    .replace(DASH, '-')
    .replace(/\s+/g, ' ')
    .trim();
}

/**
 * Returns the number in an amount with a currency, groups of thousands or parentheses; null if the text is no amount.
 */
function spelledAmount(text: string): string | null {
  const groups = AMOUNT.exec(text)?.groups;
  if (groups === undefined) return null;
  const { first, second, last, open, close, before, beside, inner, after, number = '' } = groups;
  if ((open === undefined) !== (close === undefined)) return null;
  const signs = [first, second, last, open].filter((sign) => sign !== undefined);
  if (signs.length > 1) return null;
  const currencies = [before, beside, inner, after].filter((currency) => currency !== undefined);
  if (new Set(currencies.map(kindOfCurrency)).size < currencies.length) return null;
  const digits = number.replaceAll(/[^\d.]/g, '');
  return signs.length === 0 || signs[0] === '+' ? digits : `-${digits}`;
}

/** Tells signs from codes: an amount may have one of each ("$80.00 USD"), but not two signs. */
function kindOfCurrency(currency: string): string {
  return /\p{Sc}/u.test(currency) ? 'sign' : 'code';
}

export function isZeroAmount(amount: DecimalText): boolean {
  return /^[0.]+$/.test(amount);
}

/**
 * Returns the sum with the largest scale of its addends: "0.0" and "80.0" give "80.0". A sum of more than 34 digits is
 * rounded to 34, half to even. Null if there are no addends, or the sum is out of Decimal128's range.
 */
export function sumOf(amounts: readonly DecimalText[]): DecimalText | null {
  if (amounts.length === 0) return null;
  let sum = new Big(0);
  let scale = 0;
  for (const amount of amounts) {
    sum = sum.plus(amount);
    scale = Math.max(scale, amount.split('.')[1]?.length ?? 0);
  }
  return roundedDecimal(sum, scale);
}
