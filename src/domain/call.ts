import type { ColumnValue } from './blank.js';

/** The APIs that calls come from. */
export const SOURCES = ['invoca', 'credira'] as const;
export type Source = (typeof SOURCES)[number];

/** An exact decimal in plain notation, such as `"80.0"`. */
export type DecimalText = string;

export interface Signal {
  readonly name: string;
  readonly value: boolean;
  readonly source: string | null;
  readonly transactionId: string;
}

export interface CallCustomData {
  readonly name: string;
  readonly dataType: string | null;
  readonly source: string | null;
  readonly value: ColumnValue;
  readonly transactionId: string;
}

/** The values that calls of all sources have. */
export interface CallFields {
  readonly startedAt: Date | null;
  readonly durationSeconds: number | null;
  readonly connectSeconds: number | null;
  readonly ivrSeconds: number | null;
  readonly from: string | null;
  readonly to: string | null;
  readonly result: string | null;
  readonly revenue: DecimalText | null;
  readonly recordingUrl: string | null;
}

/**
 * Names of the fields for a person; null if `call show` prints the field together with another one. Stories, texts and
 * CSV list the fields in this order, so a new one goes to the end.
 */
export const FIELD_TITLES: Readonly<Record<keyof CallFields, string | null>> = {
  startedAt: 'Started',
  durationSeconds: 'Duration',
  connectSeconds: null,
  ivrSeconds: null,
  from: 'From',
  to: 'To',
  result: 'Result',
  revenue: 'Revenue',
  recordingUrl: 'Recording',
};

export const FIELD_NAMES = Object.keys(FIELD_TITLES) as readonly (keyof CallFields)[];

/** Ids of the transactions that each field's value came from. A field that is null has no entry. */
export interface Provenance extends Partial<Readonly<Record<Exclude<keyof CallFields, 'revenue'>, string>>> {
  readonly revenue?: readonly string[];
  /** Number of rows of the revenue whose amount cannot be read; absent if there are none. */
  readonly unreadableAmounts?: number;
}

/** The top level of a document, which calls of all sources have in common. */
export interface MergedCall extends CallFields {
  /** The last ten digits of `from`, used to find a caller in any source. */
  readonly fromKey: string | null;
  readonly signals: readonly Signal[];
  readonly customData: readonly CallCustomData[];
  readonly provenance: Provenance;
}

/** Time after which a call counts as over even if its source does not say so. */
const LONGEST_CALL_MS = 30 * 86_400_000;

interface SeenCall {
  readonly startedAt: Date | null;
  /** Instant at which the call was first seen. */
  readonly createdAt: Date;
}

/** True if the call began, or if that is unknown was first seen, less than thirty days ago: it may still be running. */
export function mayBeGoingOn({ startedAt, createdAt }: SeenCall, now: Date): boolean {
  return now.getTime() - (startedAt ?? createdAt).getTime() < LONGEST_CALL_MS;
}
