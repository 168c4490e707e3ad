import Big from 'big.js';
import type { DecimalText } from '../call.js';

/** Limits of MongoDB's Decimal128 (IEEE 754): the number of digits, and how small the last one can be (10^-6176). */
const DIGITS = 34;
const LARGEST_EXPONENT = 6_144;
const LARGEST_SCALE = 6_176;

/** Rounds 0.5 to 0 and 1.5 to 2: https://mikemcl.github.io/big.js/#rm */
const HALF_EVEN = 2;

/**
 * Writes a number in plain notation and keeps its scale as far as it fits: `"007.50"` becomes `"7.50"`, `"1E+3"`
 * becomes `"1000"`. Null if Decimal128 cannot hold every digit.
 */
export function decimalOf(text: string): DecimalText | null {
  const [, fraction = '', exponent = '0'] = /^[^.eE]*(?:\.(\d*))?(?:e(.*))?$/i.exec(text) ?? [];
  const number = new Big(
    text
      .replace(/^\+/, '')
      .replace(/\.(?=$|[eE])/, '')
      .replace(/^(-?)\./, '$10.'),
  );
  const scale = Math.max(0, fraction.length - Number(exponent));
  if (number.c.length > DIGITS || leastScaleOf(number) > LARGEST_SCALE) return null;
  return roundedDecimal(number, scale);
}

/**
 * Rounds a number, half to even, to this scale, or to a smaller one that needs at most 34 digits; null if out of range.
 */
export function roundedDecimal(number: Big, scale: number): DecimalText | null {
  if (number.eq(0)) return number.abs().toFixed(Math.min(scale, DIGITS - 1));
  if (number.e > LARGEST_EXPONENT) return null;
  const places = Math.min(scale, DIGITS - 1 - number.e, LARGEST_SCALE);
  const rounded = number.round(places, HALF_EVEN);
  return rounded.toFixed(Math.max(0, places));
}

/** Counts the digits after the point that are not trailing zeros. */
function leastScaleOf({ c: digits, e: exponent }: Big): number {
  return digits.length - 1 - exponent;
}
