/** A number for a person to read, as "1,234"; with a unit as "1 call" or "1,234 calls". */
export function count(amount: number, unit?: string): string {
  const digits = amount.toLocaleString('en-US');
  return unit === undefined ? digits : `${digits} ${unit}${amount === 1 ? '' : 's'}`;
}
