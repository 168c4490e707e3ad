/** Formats a number for a person: "1,234", or with the unit `call` "1 call" and "1,234 calls". */
export function count(amount: number, unit?: string): string {
  const digits = amount.toLocaleString('en-US');
  return unit === undefined ? digits : `${digits} ${unit}${amount === 1 ? '' : 's'}`;
}
