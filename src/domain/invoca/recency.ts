import { instantOfMilliseconds, instantOfSeconds } from '../instants.js';
import { compareText } from '../order.js';
import { KIND_RANKS, kindOf, type TransactionKind } from './transaction-kind.js';
import type { Transaction } from './transaction.js';

/** A transaction with the values that rows are ordered by. An instant that is not stated is older than any other. */
export interface Row {
  readonly transaction: Transaction;
  readonly id: string;
  readonly kind: TransactionKind;
  readonly correctedMs: number;
  readonly occurredAt: Date | null;
  readonly occurredMs: number;
  /** Instant of effect: `corrected_at`, else `signal_occurred_at`, else `start_time_utc`. */
  readonly effectiveMs: number;
}

const BEFORE_ALL_MS = Number.NEGATIVE_INFINITY;

export function rowOf(transaction: Transaction): Row {
  const { columns, correctedAt, transactionId, type } = transaction;
  const occurredAt = instantOfSeconds(columns['signal_occurred_at']);
  const effectiveAt = correctedAt ?? occurredAt ?? instantOfMilliseconds(columns['start_time_utc']);
  return {
    transaction,
    id: transactionId,
    kind: kindOf(type),
    correctedMs: correctedAt?.getTime() ?? BEFORE_ALL_MS,
    occurredAt,
    occurredMs: occurredAt?.getTime() ?? BEFORE_ALL_MS,
    effectiveMs: effectiveAt?.getTime() ?? BEFORE_ALL_MS,
  };
}

/** Compares any two rows of a call, oldest first. No two rows are equal. */
export function compareRecency(a: Row, b: Row): number {
  return (
    compareInstants(a.effectiveMs, b.effectiveMs) || KIND_RANKS[a.kind] - KIND_RANKS[b.kind] || compareText(a.id, b.id)
  );
}

/** Compares instants in milliseconds, also those that are not stated, which are infinite and cannot be subtracted. */
export function compareInstants(aMs: number, bMs: number): number {
  if (aMs === bMs) return 0;
  return aMs < bMs ? -1 : 1;
}
