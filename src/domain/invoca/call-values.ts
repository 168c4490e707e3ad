import { textOf } from '../blank.js';
import type { CallFields } from '../call.js';
import type { Chain } from './chains.js';
import { secondsOf } from '../durations.js';
import { instantOfMilliseconds, instantOfText } from '../instants.js';
import type { Row } from './recency.js';
import type { Transaction } from './transaction.js';
import { kindOf } from './transaction-kind.js';

type Columns = Transaction['columns'];

/** A value of a call and the id of the transaction it came from. */
interface Sourced<T> {
  readonly value: T;
  readonly transactionId: string;
}

/** Rows to look for a value in, oldest first: those of the primary chain, and all rows of the call. */
export interface Rows {
  readonly chain: readonly Row[];
  readonly call: readonly Row[];
}

/** Returns the value of the newest row that states one; null if none does. Takes rows oldest first. */
export function newestStated<T>(rows: readonly Row[], read: (columns: Columns) => T | null): Sourced<T> | null {
  for (let index = rows.length - 1; index >= 0; index -= 1) {
    const row = rows[index];
    const value = row === undefined ? null : read(row.transaction.columns);
    if (row !== undefined && value !== null) return { value, transactionId: row.id };
  }
  return null;
}

/** Looks for the newest stated value in the chain, then in the call. */
function statedAnywhere<T>(rows: Rows, read: (columns: Columns) => T | null): Sourced<T> | null {
  return newestStated(rows.chain, read) ?? newestStated(rows.call, read);
}

/** Returns the chain's duration in seconds; 0 only if no row states more, null if no row states any. */
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

/** The way to read a field of the call from its rows. */
interface FieldReader<T> {
  /** The columns that state the field. */
  readonly columns: readonly string[];
  readonly find: (rows: Rows) => Sourced<T> | null;
}

/** Columns and how their value is read from a row. */
type Reading<T> = readonly [columns: readonly string[], read: (columns: Columns) => T | null];

/**
 * Reads each field of the call. Start, parties and durations fall back to older rows and other chains; the other fields
 * are those of the newest row alone. Revenue is summed up in revenue.ts.
 */
export const FIELD_READERS: {
  readonly [Name in Exclude<keyof CallFields, 'revenue'>]: FieldReader<NonNullable<CallFields[Name]>>;
} = {
  startedAt: anywhere(['start_time_utc', 'start_time_xml'], startOf),
  durationSeconds: duration('duration'),
  connectSeconds: duration('connect_duration'),
  ivrSeconds: duration('ivr_duration'),
  from: anywhere(...text('calling_phone_number')),
  to: anywhere(...text('destination_phone_number')),
  // Invoca names the result differently for advertisers.
  result: newest(...text('call_result_description_detail', 'call_result_description_detail_managed_advertiser')),
  recordingUrl: newest(...text('recording')),
};

function anywhere<T>(...[columns, read]: Reading<T>): FieldReader<T> {
  return { columns, find: (rows) => statedAnywhere(rows, read) };
}

function newest<T>(...[columns, read]: Reading<T>): FieldReader<T> {
  return { columns, find: ({ chain }) => newestStated(chain.slice(-1), read) };
}

/** Reads a duration, which is a total and never summed. A 0 may be a cleared value: it counts if no row states more. */
function duration(column: string): FieldReader<number> {
  const find = (rows: Rows) =>
    statedAnywhere(rows, positiveSeconds(column)) ?? statedAnywhere(rows, (columns) => secondsOf(columns[column]));
  return { columns: [column], find };
}

/** Reads the first of the columns that a row states. */
function text(...names: readonly string[]): Reading<string> {
  const read = (columns: Columns): string | null => {
    const stated = names.find((name) => textOf(columns[name]) !== null);
    return stated === undefined ? null : textOf(columns[stated]);
  };
  return [names, read];
}

/** True for the row of the call itself; a correction or an event may follow months later. */
export function isOriginalCall({ type, correctsTransactionId, correctedAt }: Transaction): boolean {
  return kindOf(type) === 'call' && correctsTransactionId === null && correctedAt === null;
}

/** Returns the latest start among the original rows of calls; null if no such row states its start. */
export function latestOriginalStart(transactions: readonly Transaction[]): Date | null {
  const startsMs = transactions.filter(isOriginalCall).flatMap(({ columns }) => startOf(columns)?.getTime() ?? []);
  return startsMs.length === 0 ? null : new Date(startsMs.reduce((latest, startMs) => Math.max(latest, startMs)));
}
