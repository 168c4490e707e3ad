import { DateTime } from 'luxon';
import { textOf } from '../blank.js';
import { startOf } from '../invoca/call-values.js';
import type { Transaction } from '../invoca/transaction.js';

const OFFSET_AT_END = /([+-])(\d{2}):?(\d{2})$/;

/** A row whose local time does not match the account's time zone setting. */
export interface ZoneMismatch {
  readonly transactionId: string;
  /** Offset that `start_time_local` has, such as `-07:00`. */
  readonly statedOffset: string;
  /** Offset of the zone at that instant. */
  readonly expectedOffset: string;
}

/** Finds the first row whose `start_time_local` has another offset than the zone; null if there is none. */
export function zoneMismatch(transactions: readonly Transaction[], timeZone: string): ZoneMismatch | null {
  for (const { transactionId, columns } of transactions) {
    const match = OFFSET_AT_END.exec(textOf(columns['start_time_local']) ?? '');
    const startedAt = startOf(columns);
    if (match === null || startedAt === null) continue;
    const [, sign = '', hours = '', minutes = ''] = match;
    const statedOffset = `${sign}${hours}:${minutes}`;
    const expectedOffset = DateTime.fromJSDate(startedAt, { zone: timeZone }).toFormat('ZZ');
    if (statedOffset !== expectedOffset) return { transactionId, statedOffset, expectedOffset };
  }
  return null;
}
