import type { ColumnValue } from './blank.js';
import type { Transaction } from './invoca/transaction.js';

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

export interface Leg {
  /** Of the newest row of the chain. */
  readonly transactionId: string;
  readonly originalTransactionId: string;
  readonly bundled: boolean;
  readonly durationSeconds: number | null;
}

export type EventKind = 'post_call_event' | 'sale' | 'signal' | 'other';

export interface CallEvent {
  readonly kind: EventKind;
  /** The source's spelling, for kinds we do not know. */
  readonly type?: string | null;
  readonly partnerUniqueId: string | null;
  readonly occurredAt: Date | null;
  readonly revenue: DecimalText | null;
  /** Of the newest row of the chain. */
  readonly transactionId: string;
  readonly originalTransactionId: string;
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

/** Everything the rows of one call say together: a pure function of the set of rows seen. */
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
  readonly legs: readonly Leg[];
  readonly events: readonly CallEvent[];
  /** Standard columns of the newest row of the primary leg. */
  readonly columns: Readonly<Record<string, ColumnValue>>;
  readonly transactions: readonly Transaction[];
  readonly provenance: Provenance;
  readonly recordingUrl: string | null;
}
