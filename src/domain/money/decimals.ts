import Big from 'big.js';
import type { DecimalText } from '../call.js';

/** What MongoDB's Decimal128 (IEEE 754) holds: this many digits, the last of them worth 10^-6176 at least. */
const DIGITS = 34;
const LARGEST_EXPONENT = 6_144;
const LARGEST_SCALE = 6_176;

/** 0.5 is 0, 1.5 is 2: https://mikemcl.github.io/big.js/#rm */
const HALF_EVEN = 2;

/**
 * A number in plain notation with the scale it was written with, as far as that fits: `"007.50"` is `"7.50"`, `"1E+3"`
 * is `"1000"`. Null where Decimal128 does not hold it to the last digit.
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
 * The number with this scale, or with a smaller one where more than 34 digits would be needed; null if out of range.
 */
export function roundedDecimal(number: Big, scale: number): DecimalText | null {
  if (number.eq(0)) return number.abs().toFixed(Math.min(scale, DIGITS - 1));
  if (number.e > LARGEST_EXPONENT) return null;
  const places = Math.min(scale, DIGITS - 1 - number.e, LARGEST_SCALE);
  const rounded = number.round(places, HALF_EVEN);
  return rounded.toFixed(Math.max(0, places));
}

/** Digits behind the point that the number cannot do without. */
function leastScaleOf({ c: digits, e: exponent }: Big): number {
  return digits.length - 1 - exponent;
}
