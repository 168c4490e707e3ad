import { DateTime } from 'luxon';

const shortestMs = 1_000;
const longestMs = 3_600_000;

/**
 * Reads a `Retry-After` header, seconds or an HTTP date, as milliseconds from `now`, clamped to 1 s .. 1 h: a negative
 * number or a past date is 1 s, an absurdly large one 1 h. Null where the header is absent or unreadable.
 */
export function parseRetryAfter(header: string | undefined, now: Date): number | null {
  const text = header?.trim() ?? '';
  if (/^[+-]?\d+(\.\d+)?$/.test(text)) return clamp(Number(text) * 1_000);

  const instant = DateTime.fromHTTP(text);
  return instant.isValid ? clamp(instant.toMillis() - now.getTime()) : null;
}

function clamp(delayMs: number): number {
  return Math.round(Math.min(Math.max(delayMs, shortestMs), longestMs));
}
