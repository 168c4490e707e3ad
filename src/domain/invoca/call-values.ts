import { textOf } from '../blank.js';
import type { Chain } from './chains.js';
import { secondsOf } from '../durations.js';
import { instantOfMilliseconds, instantOfText } from '../instants.js';
import type { Row } from './recency.js';
import type { Transaction } from './transaction.js';

type Columns = Transaction['columns'];

/** A value of a call and the transaction it came from. */
export interface Sourced<T> {
  readonly value: T;
  readonly transactionId: string;
}

/** The rows a value is looked for in: those of the primary chain, then all of the call. Both oldest first. */
export interface Rows {
  readonly chain: readonly Row[];
  readonly call: readonly Row[];
}

/** The value of the newest row that states it. */
export function newestStated<T>(rows: readonly Row[], read: (columns: Columns) => T | null): Sourced<T> | null {
  for (let index = rows.length - 1; index >= 0; index -= 1) {
    const row = rows[index];
    const value = row === undefined ? null : read(row.transaction.columns);
    if (row !== undefined && value !== null) return { value, transactionId: row.id };
  }
  return null;
}

/** As newestStated, in the chain, else in the call. */
export function statedAnywhere<T>(rows: Rows, read: (columns: Columns) => T | null): Sourced<T> | null {
  return newestStated(rows.chain, read) ?? newestStated(rows.call, read);
}

/**
 * Seconds of a duration column. Durations are totals of the call, so they are never summed; and a 0 may be a cleared
 * value, so it counts only where no row of the call states more.
 */
export function durationAnywhere(rows: Rows, column: string): Sourced<number> | null {
  return statedAnywhere(rows, positiveSeconds(column)) ?? statedAnywhere(rows, (columns) => secondsOf(columns[column]));
}

/** As durationAnywhere, for one chain. */
export function durationOfChain(chain: Chain): number | null {
  const { rows } = chain;
  const stated = newestStated(rows, positiveSeconds('duration')) ?? newestStated(rows, (c) => secondsOf(c['duration']));
  return stated?.value ?? null;
}

function positiveSeconds(column: string): (columns: Columns) => number | null {
  return (columns) => {
    const seconds = secondsOf(columns[column]);
    return seconds === 0 ? null : seconds;
  };
}

export function startOf(columns: Columns): Date | null {
  return instantOfMilliseconds(columns['start_time_utc']) ?? instantOfText(columns['start_time_xml']);
}

export function callerOf(columns: Columns): string | null {
  return textOf(columns['calling_phone_number']);
}

export function destinationOf(columns: Columns): string | null {
  return textOf(columns['destination_phone_number']);
}

/** Advertisers are sent the result under a name of their own. */
export function resultOf(columns: Columns): string | null {
  return (
    textOf(columns['call_result_description_detail']) ??
    textOf(columns['call_result_description_detail_managed_advertiser'])
  );
}

export function recordingOf(columns: Columns): string | null {
  return textOf(columns['recording']);
}
