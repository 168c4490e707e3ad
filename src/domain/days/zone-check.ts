import { DateTime } from 'luxon';
import { instantOfText, offsetMinutesOfText } from '../instants.js';
import { startOf } from '../invoca/call-values.js';
import type { Transaction } from '../invoca/transaction.js';

/**
 * A comparison of time zones. `time-zone`: `start_time_local` must have the offset of the account's zone.
 * `platform-time-zone`: `start_time_network_timezone` must have the offset of `start_time_local`. It has another if the
 * platform's zone was changed after the token was made.
 */
export type ZoneCode = 'time-zone' | 'platform-time-zone';

export const ZONE_CODES: readonly ZoneCode[] = ['time-zone', 'platform-time-zone'];

/** Result of the comparison for one row. */
export interface ZoneVerdict {
  /** Start of the row's call. Of two verdicts, the one whose call started last counts. */
  readonly startedAt: Date;
  readonly disagrees: boolean;
  readonly transactionId: string;
  /** Offset of the column that is checked, such as `-07:00`. */
  readonly statedOffset: string;
  /** Offset that it must have. */
  readonly expectedOffset: string;
}

export type ZoneVerdicts = Readonly<Record<ZoneCode, ZoneVerdict | null>>;

/** Offsets that a row states, in minutes; null if its column is blank or not a time with an offset. */
export interface StatedOffsets {
  readonly transactionId: string;
  readonly startedAt: Date;
  readonly local: number;
  readonly platform: number | null;
}

/**
 * Returns the verdict of the row whose call started last, for each comparison; null if no row states both sides. Of
 * calls that started at the same instant, one that disagrees counts. Without a zone, only the platform's is compared.
 */
export function zoneVerdicts(transactions: readonly Transaction[], timeZone: string | null): ZoneVerdicts {
  const rows = transactions.flatMap((transaction) => statedOffsets(transaction) ?? []);
  const local = timeZone === null ? [] : localVerdicts(latestOf(rows), timeZone);
  const platform = latestOf(rows.filter(isOfPlatform)).map(platformVerdict);
  return { 'time-zone': newestVerdict(local), 'platform-time-zone': newestVerdict(platform) };
}

/**
 * Compares the order of two verdicts: negative if `a` comes before `b`. Verdicts are ordered by the start of the call;
 * at the same instant those that disagree come last. The rest makes the order total.
 */
export function compareVerdicts(a: ZoneVerdict, b: ZoneVerdict): number {
  return (
    a.startedAt.getTime() - b.startedAt.getTime() ||
    Number(a.disagrees) - Number(b.disagrees) ||
    compareTexts(a.transactionId, b.transactionId) ||
    compareTexts(a.statedOffset, b.statedOffset) ||
    compareTexts(a.expectedOffset, b.expectedOffset)
  );
}

/** Offsets that disagree, and the account's zone. */
export interface ZoneMismatch extends Pick<ZoneVerdict, 'statedOffset' | 'expectedOffset'> {
  readonly timeZone: string | null;
}

/** Says what disagrees and what to do about it, without the contents of the row. */
export function mismatchMessage(code: ZoneCode, mismatch: ZoneMismatch): string {
  const { finding, advice } = explainMismatch(code, mismatch);
  return `${finding}: ${advice}`;
}

/** Says what disagrees, and, as a clause of its own, what to do about it. */
export function explainMismatch(
  code: ZoneCode,
  { statedOffset, expectedOffset, timeZone }: ZoneMismatch,
): { readonly finding: string; readonly advice: string } {
  if (code === 'time-zone') {
    return {
      finding: `a row has the offset ${statedOffset}, but ${timeZone ?? 'INVOCA_TIME_ZONE'} has ${expectedOffset} at that time`,
      advice: 'set INVOCA_TIME_ZONE to the time zone of the API token',
    };
  }
  return {
    finding:
      `a row has the offset ${expectedOffset}, but ${statedOffset} in the time zone of the platform, which was changed ` +
      'after the API token was made',
    advice:
      'make a new token, and set it and INVOCA_TIME_ZONE to the new zone. Until then, totals differ from the reports of ' +
      'the platform',
  };
}

export function statedOffsets({ transactionId, columns }: Transaction): StatedOffsets | null {
  const localTime = columns['start_time_local'];
  const local = offsetMinutesOfText(localTime);
  const startedAt = startOf(columns) ?? instantOfText(localTime);
  if (local === null || startedAt === null) return null;
  return { transactionId, startedAt, local, platform: offsetMinutesOfText(columns['start_time_network_timezone']) };
}

/** Returns the rows whose calls started last: several if they did so at the same instant. */
function latestOf<Row extends StatedOffsets>(rows: readonly Row[]): Row[] {
  const latestMs = rows.reduce((latest, { startedAt }) => Math.max(latest, startedAt.getTime()), -Infinity);
  return rows.filter(({ startedAt }) => startedAt.getTime() === latestMs);
}

type PlatformOffsets = StatedOffsets & { readonly platform: number };

function isOfPlatform(row: StatedOffsets): row is PlatformOffsets {
  return row.platform !== null;
}

/** Returns the verdicts of rows whose calls started at the same instant, when the zone has one offset. */
function localVerdicts(rows: readonly StatedOffsets[], timeZone: string): ZoneVerdict[] {
  const [first] = rows;
  if (first === undefined) return [];
  const expected = DateTime.fromJSDate(first.startedAt, { zone: timeZone }).offset;
  return rows.map(({ transactionId, startedAt, local }) =>
    verdict({ transactionId, startedAt, stated: local, expected }),
  );
}

function platformVerdict({ transactionId, startedAt, local, platform }: PlatformOffsets): ZoneVerdict {
  return verdict({ transactionId, startedAt, stated: platform, expected: local });
}

function verdict({
  transactionId,
  startedAt,
  stated,
  expected,
}: Pick<ZoneVerdict, 'transactionId' | 'startedAt'> & { stated: number; expected: number }): ZoneVerdict {
  return {
    startedAt,
    disagrees: stated !== expected,
    transactionId,
    statedOffset: offsetText(stated),
    expectedOffset: offsetText(expected),
  };
}

function newestVerdict(verdicts: readonly ZoneVerdict[]): ZoneVerdict | null {
  return verdicts.reduce<ZoneVerdict | null>(
    (newest, next) => (newest === null || compareVerdicts(newest, next) < 0 ? next : newest),
    null,
  );
}

export function offsetText(minutes: number): string {
  const size = Math.abs(minutes);
  const [hours, rest] = [Math.floor(size / 60), size % 60].map((part) => String(part).padStart(2, '0'));
  return `${minutes < 0 ? '-' : '+'}${hours}:${rest}`;
}

function compareTexts(a: string, b: string): number {
  if (a === b) return 0;
  return a < b ? -1 : 1;
}
