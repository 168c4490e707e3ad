import Big from 'big.js';
import type { DecimalText } from './call.js';
import { isBlank } from './blank.js';
import type { ColumnValue } from './transaction.js';

// 28 digits leave room for a million addends within the 34 of MongoDB's Decimal128.
const LARGEST_WHOLE_DIGITS = 18;
const LARGEST_FRACTION_DIGITS = 10;

// A group that starts with 0 ("0,123") is no thousands separator, so it stays ambiguous and is not matched.
const AMOUNT = new RegExp(
  String.raw`^(?<minus>-)?\s?(?<before>\p{Sc})?\s?(?<innerMinus>-)?` +
    String.raw`(?<whole>\d+|[1-9]\d{0,2}(?:,\d{3})+)(?:\.(?<fraction>\d+))?\s?(?<after>\p{Sc})?$`,
  'u',
);

/**
 * An amount of money as exact text, its scale kept: `"$1,234.50"` is `"1234.50"`. Null where blank, and where what
 * stands there is ambiguous ("12,50") or no amount at all ("abc", "1e5", "USD 5").
 */
export function amountOf(value: ColumnValue | null | undefined): DecimalText | null {
  if (isBlank(value) || typeof value === 'boolean') return null;
  const groups = AMOUNT.exec(textOfAmount(value))?.groups;
  if (groups === undefined) return null;
  const { minus, innerMinus, before, after, whole = '', fraction = '' } = groups;
  if (minus !== undefined && innerMinus !== undefined) return null;
  if (before !== undefined && after !== undefined) return null;
  const digits = whole.replaceAll(',', '').replace(/^0+(?=\d)/, '');
  if (digits.length > LARGEST_WHOLE_DIGITS || fraction.length > LARGEST_FRACTION_DIGITS) return null;
  const text = fraction === '' ? digits : `${digits}.${fraction}`;
  return (minus ?? innerMinus) === undefined || isZeroAmount(text) ? text : `-${text}`;
}

function textOfAmount(value: string | number): string {
  if (typeof value === 'string') return value.trim();
  return Number.isFinite(value) ? new Big(value).toFixed() : '';
}

export function isZeroAmount(amount: DecimalText): boolean {
  return /^[0.]+$/.test(amount);
}

/** The exact sum with the largest scale of its addends: "0.0" and "80.0" give "80.0". Null where there are none. */
export function sumOf(amounts: readonly DecimalText[]): DecimalText | null {
  if (amounts.length === 0) return null;
  let sum = new Big(0);
  let scale = 0;
  for (const amount of amounts) {
    sum = sum.plus(amount);
    scale = Math.max(scale, amount.split('.')[1]?.length ?? 0);
  }
  return sum.abs().eq(0) ? sum.abs().toFixed(scale) : sum.toFixed(scale);
}
