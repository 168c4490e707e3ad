import type { ColumnValue } from './blank.js';

/** The APIs that calls come from. */
export const SOURCES = ['invoca', 'credira'] as const;
export type Source = (typeof SOURCES)[number];

/** An exact decimal in plain notation, as `"80.0"`. */
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
 * The names of the fields for a person, null for what is told with another field. Stories, texts and CSV have the
 * fields in this order, so a new one goes to the end.
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

/** Which transaction a field's value came from. A value that is null has no entry. */
export interface Provenance extends Partial<Readonly<Record<Exclude<keyof CallFields, 'revenue'>, string>>> {
  readonly revenue?: readonly string[];
  /** How many of the rows whose amounts make up the revenue state one that cannot be read; absent where all can. */
  readonly unreadableAmounts?: number;
}

/** What a call of any source says at the top level of its document. */
export interface MergedCall extends CallFields {
  /** The last ten digits of `from`, to look a caller up in any source. */
  readonly fromKey: string | null;
  readonly signals: readonly Signal[];
  readonly customData: readonly CallCustomData[];
  readonly provenance: Provenance;
}

/** For how long a call that does not say that it is over may still be going on. */
const LONGEST_CALL_MS = 30 * 86_400_000;

interface SeenCall {
  readonly startedAt: Date | null;
  /** When the call was first seen. */
  readonly createdAt: Date;
}

/** Whether a call that does not say that it is over may still be going on: for thirty days, counted from its start. */
export function mayBeGoingOn({ startedAt, createdAt }: SeenCall, now: Date): boolean {
  return now.getTime() - (startedAt ?? createdAt).getTime() < LONGEST_CALL_MS;
}
