import Big from 'big.js';
import { isBlank, type ColumnValue } from '../blank.js';
import type { DecimalText } from '../call.js';
import { decimalOf, roundedDecimal } from './decimals.js';

/** What an amount states: nothing where it is blank, `unreadable` where what stands there is ambiguous or no amount. */
export type StatedAmount =
  | { readonly kind: 'blank' }
  | { readonly kind: 'amount'; readonly amount: DecimalText }
  | { readonly kind: 'unreadable' };

const BLANK: StatedAmount = { kind: 'blank' };
const UNREADABLE: StatedAmount = { kind: 'unreadable' };

/** Longer than any number that Decimal128 holds. */
const LONGEST_TEXT = 10_000;

/** Direction marks that formatters put around amounts, and characters without width. */
const INVISIBLE = /[\u061c\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff]/g;
const FULL_WIDTH = /[\uff01-\uff5e]/g;
/** Hyphens and dashes that stand for minus. */
const DASH = /[\u2010-\u2013\u2212\ufe63]/g;

/** Signs made of letters, as they are written beside amounts; those of one letter or two are no ISO codes. */
const LETTER_SIGNS = [
  ...['Rs', 'Re', 'kr', 'K\u010d', 'z\u0142', 'Ft', 'lei', 'S?Fr', 'RM', 'Rp', 'R', 'S/', 'Bs', 'KSh', 'TSh', 'USh'],
  ...['\u043b\u0432', '\u0440\u0443\u0431', '\u0440', '\u0433\u0440\u043d', '\u5143', '\u5186'],
];

/** ISO 4217 as this Node knows it, in capitals or without any. */
const CODES = Intl.supportedValuesOf('currency').flatMap((code) => [code, code.toLowerCase()]);

/** `$`, `CA$`, `US $`, `$US`: a sign and, before or behind it, whose it is. */
const SIGN = String.raw`(?:[A-Z]{2,3} |[A-Za-z]{0,3})\p{Sc}(?:[A-Z]{2,3}(?!\p{L}))?`;

/** The source of a regular expression that matches one currency, by its sign or its code. */
const CURRENCY = `(?:${SIGN}|(?:${CODES.join('|')})(?!\\p{L})|(?:${LETTER_SIGNS.join('|')})\\.?(?!\\p{L}))`;

/** Groups of three, or as in India of two before the last three. One that starts with 0 ("0,123") is no group. */
const GROUPED = String.raw`[1-9]\d{0,2}(?:(?<group>[,'\u2019 ])\d{3})(?:\k<group>\d{3})*|[1-9]\d?(?:,\d{2})+,\d{3}`;
const NUMBER = String.raw`(?<number>(?:${GROUPED}|\d+)(?:\.\d*)?|\.\d+)`;

const AMOUNT = new RegExp(
  String.raw`^(?<first>[-+])? ?(?<before>${CURRENCY})? ?(?<beside>${CURRENCY})? ?(?<open>\()? ?(?<inner>${CURRENCY})? ?(?<second>[-+])? ?` +
    String.raw`${NUMBER} ?(?<last>-)? ?(?<close>\))? ?(?<after>${CURRENCY})?$`,
  'u',
);

/** A number as programs write them, which alone may have an exponent: "1E+3". */
const PLAIN = /^[-+]?(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d{1,6})?$/;

/**
 * Reads an amount of money as exact text, its scale kept: `"$1,234.50"` is `"1234.50"`. Whatever Decimal128 holds to
 * the last digit is read; an amount with more digits ("0.1" and 34 more), a decimal comma ("12,50") and words are not.
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

/** The amount that is read; null where blank or unreadable. */
export function amountOf(value: ColumnValue | null | undefined): DecimalText | null {
  const stated = readAmount(value);
  return stated.kind === 'amount' ? stated.amount : null;
}

/** One form for what looks alike: any space is one space, any minus a hyphen. */
function plainText(text: string): string {
  return text
    .replace(INVISIBLE, '')
    .replace(FULL_WIDTH, (character) => String.fromCharCode(character.charCodeAt(0) - 0xfee0))
    .replace(DASH, '-')
    .replace(/\s+/g, ' ')
    .trim();
}

/**
 * The digits of an amount that has a currency, groups of thousands or a minus of its own kind; null where it is none.
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

/** A sign and a code may stand beside each other, "$80.00 USD"; two signs may not. */
function kindOfCurrency(currency: string): string {
  return /\p{Sc}/u.test(currency) ? 'sign' : 'code';
}

export function isZeroAmount(amount: DecimalText): boolean {
  return /^[0.]+$/.test(amount);
}

/**
 * The sum with the largest scale of its addends: "0.0" and "80.0" give "80.0". Exact up to 34 digits, rounded to
 * these as Decimal128 is where there would be more. Null where there are no addends, and beyond the range of
 * Decimal128.
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
