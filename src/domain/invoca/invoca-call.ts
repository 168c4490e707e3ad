import type { ColumnValue } from '../blank.js';
import type { DecimalText, MergedCall } from '../call.js';
import type { Transaction } from './transaction.js';

export interface Leg {
  /** Id of the newest row of the chain. */
  readonly transactionId: string;
  readonly originalTransactionId: string;
  readonly bundled: boolean;
  readonly durationSeconds: number | null;
}

export type EventKind = 'post_call_event' | 'sale' | 'signal' | 'other';

export interface CallEvent {
  readonly kind: EventKind;
  /** The type in the source's spelling, for the kind `other`. */
  readonly type?: string | null;
  readonly partnerUniqueId: string | null;
  readonly occurredAt: Date | null;
  readonly revenue: DecimalText | null;
  /** Id of the newest row of the chain. */
  readonly transactionId: string;
  readonly originalTransactionId: string;
}

/** The merge of all rows of one Invoca call: a pure function of the set of rows seen. */
export interface MergedInvocaCall extends MergedCall {
  readonly legs: readonly Leg[];
  readonly events: readonly CallEvent[];
  /** Standard columns of the newest row of the primary leg. */
  readonly columns: Readonly<Record<string, ColumnValue>>;
  readonly transactions: readonly Transaction[];
}
