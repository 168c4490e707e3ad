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

/** Which transaction a top-level value came from. A value that is null has no entry. */
export interface Provenance {
  readonly startedAt?: string;
  readonly durationSeconds?: string;
  readonly connectSeconds?: string;
  readonly ivrSeconds?: string;
  readonly from?: string;
  readonly to?: string;
  readonly result?: string;
  readonly recordingUrl?: string;
  readonly revenue?: readonly string[];
  /** How many of the rows whose amounts make up the revenue state one that cannot be read; absent where all can. */
  readonly unreadableAmounts?: number;
}

/** What a call of any source says at the top level of its document. */
export interface MergedCall {
  readonly startedAt: Date | null;
  readonly durationSeconds: number | null;
  readonly connectSeconds: number | null;
  readonly ivrSeconds: number | null;
  readonly from: string | null;
  readonly to: string | null;
  /** The last ten digits of `from`, to look a caller up in any source. */
  readonly fromKey: string | null;
  readonly result: string | null;
  readonly revenue: DecimalText | null;
  readonly signals: readonly Signal[];
  readonly customData: readonly CallCustomData[];
  readonly provenance: Provenance;
  readonly recordingUrl: string | null;
}
