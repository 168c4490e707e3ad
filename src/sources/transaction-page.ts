import type { CallTransaction } from '../domain/transaction.js';

/** A row that cannot be keyed or is over a cap: kept with its reason, never dropped. */
export interface RejectedRow {
  readonly callId?: string | null;
  readonly transactionId: string | null;
  readonly reason: string;
  /** The row as the source sent it, JSON text, cut at the row cap. */
  readonly raw: string;
}

/** One answer of a transaction feed. */
export interface TransactionPage {
  /** How many rows the source sent, good and bad. 0 means the end of the feed. */
  readonly rowCount: number;
  readonly transactions: readonly CallTransaction[];
  readonly rejects: readonly RejectedRow[];
  /** The id of the last row that has one: where the next page starts. Null where no row has one. */
  readonly lastTransactionId: string | null;
  /** The instant of the request. */
  readonly requestedAt: Date;
}
