import { isBlank, type ColumnValue } from './blank.js';

const LATEST_MS = Date.UTC(9999, 11, 31, 23, 59, 59, 999);
const LARGEST_OFFSET_MINUTES = 14 * 60;

const TEXT_WITH_OFFSET =
  /^(\d{4})-(\d{2})-(\d{2})[T ](\d{2}):(\d{2})(?::(\d{2})(?:\.(\d{1,9}))?)? ?(?:(Z)|([+-])(\d{2})(?::?(\d{2}))?)$/i;

/** Returns the instant if it is in the years 1970 to 9999, else null: never an invalid Date. */
function instantAt(epochMs: number): Date | null {
  return epochMs >= 0 && epochMs <= LATEST_MS ? new Date(epochMs) : null;
}

/** Returns the Date.UTC of a wall clock reading; null if no calendar or clock shows it (31 April, 25:00). */
function wallClockMs(parts: readonly number[]): number | null {
  const [year = 0, month = 0, day = 0, hour = 0, minute = 0, second = 0] = parts;
  const epochMs = Date.UTC(year, month - 1, day, hour, minute, second);
  const shown = new Date(epochMs);
  const isReal =
    shown.getUTCFullYear() === year &&
    shown.getUTCMonth() === month - 1 &&
    shown.getUTCDate() === day &&
    shown.getUTCHours() === hour &&
    shown.getUTCMinutes() === minute &&
    shown.getUTCSeconds() === second;
  return isReal ? epochMs : null;
}

/** A time with its offset from UTC. */
interface OffsetTime {
  readonly wallMs: number;
  readonly milliseconds: number;
  readonly offsetMinutes: number;
}

function offsetTimeOf(value: ColumnValue | null | undefined): OffsetTime | null {
  if (typeof value !== 'string') return null;
  const match = TEXT_WITH_OFFSET.exec(value.trim());
  if (match === null) return null;
  const [, year, month, day, hour, minute, second, fraction, zulu, sign, offsetHours, offsetMinutes = '0'] = match;
  const wallMs = wallClockMs([year, month, day, hour, minute, second ?? 0].map(Number));
  if (wallMs === null) return null;
  const milliseconds = Number((fraction ?? '').slice(0, 3).padEnd(3, '0'));
  if (zulu !== undefined) return { wallMs, milliseconds, offsetMinutes: 0 };
  const offset = Number(offsetHours) * 60 + Number(offsetMinutes);
  if (offset > LARGEST_OFFSET_MINUTES || Number(offsetMinutes) > 59) return null;
  return { wallMs, milliseconds, offsetMinutes: sign === '-' ? 0 - offset : offset };
}

/**
 * Reads "2024-05-02 09:41:30 -07:00" and ISO 8601 with an offset or Z. Returns null for anything else, also for a local
 * time without an offset, which names no instant.
 */
export function instantOfText(value: ColumnValue | null | undefined): Date | null {
  const time = offsetTimeOf(value);
  return time === null ? null : instantAt(time.wallMs + time.milliseconds - time.offsetMinutes * 60_000);
}

/** Returns the offset from UTC, in minutes, of a time in one of the same formats; null for anything else. */
export function offsetMinutesOfText(value: ColumnValue | null | undefined): number | null {
  return offsetTimeOf(value)?.offsetMinutes ?? null;
}

/** Reads a non-negative number, sent as such or as text, and cuts off its fraction; null for anything else. */
function integerOf(value: ColumnValue | null | undefined): number | null {
  if (isBlank(value) || typeof value === 'boolean') return null;
  if (typeof value === 'number') return Number.isFinite(value) && value >= 0 ? Math.trunc(value) : null;
  return /^\d{1,16}(?:\.\d+)?$/.test(value.trim()) ? Math.trunc(Number(value)) : null;
}

/** Reads `start_time_utc`: milliseconds since 1970, as a number or as text. */
export function instantOfMilliseconds(value: ColumnValue | null | undefined): Date | null {
  const milliseconds = integerOf(value);
  return milliseconds === null ? null : instantAt(milliseconds);
}

/** Reads `signal_occurred_at`: ten digits are seconds, thirteen are milliseconds; text with an offset is read too. */
export function instantOfSeconds(value: ColumnValue | null | undefined): Date | null {
  const amount = integerOf(value);
  if (amount === null) return instantOfText(value);
  const digits = String(amount).length;
  if (digits === 10) return instantAt(amount * 1000);
  return digits === 13 ? instantAt(amount) : null;
}
