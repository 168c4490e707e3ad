import { textOf } from '../blank.js';
import type { CallFields } from '../call.js';
import type { Chain } from './chains.js';
import { secondsOf } from '../durations.js';
import { instantOfMilliseconds, instantOfText } from '../instants.js';
import type { Row } from './recency.js';
import type { Transaction } from './transaction.js';
import { kindOf } from './transaction-kind.js';

type Columns = Transaction['columns'];

/** A value of a call and the transaction it came from. */
interface Sourced<T> {
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
function statedAnywhere<T>(rows: Rows, read: (columns: Columns) => T | null): Sourced<T> | null {
  return newestStated(rows.chain, read) ?? newestStated(rows.call, read);
}

/** Seconds of the chain; a 0 counts only if no row of it states more. */
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

/** What a field of the call is read from. */
interface FieldReader<T> {
  /** The columns that state the field. */
  readonly columns: readonly string[];
  readonly find: (rows: Rows) => Sourced<T> | null;
}

/** Columns and how their value is read from a row. */
type Reading<T> = readonly [columns: readonly string[], read: (columns: Columns) => T | null];

/**
 * The rows a field is looked for in: start, parties and durations fall back to older rows and other chains; all else is
 * the newest row's alone. Revenue is summed up elsewhere.
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
  // Advertisers are sent the result under a name of their own.
  result: newest(...text('call_result_description_detail', 'call_result_description_detail_managed_advertiser')),
  recordingUrl: newest(...text('recording')),
};

function anywhere<T>(...[columns, read]: Reading<T>): FieldReader<T> {
  return { columns, find: (rows) => statedAnywhere(rows, read) };
}

function newest<T>(...[columns, read]: Reading<T>): FieldReader<T> {
  return { columns, find: ({ chain }) => newestStated(chain.slice(-1), read) };
}

/** Durations are totals of the call, so never summed; a 0 may be a cleared value, and counts if no row states more. */
function duration(column: string): FieldReader<number> {
  const find = (rows: Rows) =>
    statedAnywhere(rows, positiveSeconds(column)) ?? statedAnywhere(rows, (columns) => secondsOf(columns[column]));
  return { columns: [column], find };
}

/** The first of the columns that a row states. */
function text(...names: readonly string[]): Reading<string> {
  const read = (columns: Columns): string | null => {
    const stated = names.find((name) => textOf(columns[name]) !== null);
    return stated === undefined ? null : textOf(columns[stated]);
  };
  return [names, read];
}

/** Whether the row was written when its call ended, which a correction or an event may be months after. */
export function isOriginalCall({ type, correctsTransactionId, correctedAt }: Transaction): boolean {
  return kindOf(type) === 'call' && correctsTransactionId === null && correctedAt === null;
}

/** When the latest of the calls started that these rows are the first of; null where there is none. */
export function latestOriginalStart(transactions: readonly Transaction[]): Date | null {
  const startsMs = transactions.filter(isOriginalCall).flatMap(({ columns }) => startOf(columns)?.getTime() ?? []);
  return startsMs.length === 0 ? null : new Date(startsMs.reduce((latest, startMs) => Math.max(latest, startMs)));
}
