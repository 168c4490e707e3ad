/** In UTC, to the minute, as "2024-11-03 10:42 UTC". */
export function instantText(at: Date): string {
  return `${at.toISOString().slice(0, 16).replace('T', ' ')} UTC`;
}
