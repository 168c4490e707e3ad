import type { CallTransaction } from '../domain/invoca/transaction.js';

/** A row that cannot be keyed or is over a cap: kept with its reason, never dropped. */
export interface RejectedRow {
  readonly callId?: string | null;
  readonly transactionId: string | null;
  readonly reason: string;
  /** The row as the source sent it, JSON text, cut at the row cap. */
  readonly raw: string;
  /** The same, byte by byte, where it is not UTF-8 and `raw` has U+FFFD for what cannot be read. */
  readonly rawBase64?: string;
}

/** One answer of a transaction feed. */
export interface TransactionPage {
  /** How many rows the source sent, good and bad. 0 means the end of the feed. */
  readonly rowCount: number;
  readonly transactions: readonly CallTransaction[];
  readonly rejects: readonly RejectedRow[];
  /** The id of the last row that has one: where the next page starts. Null where no row has one. */
  readonly lastTransactionId: string | null;
  /** False where the answer breaks off: the last row may be half of one, and others may have followed. */
  readonly isWhole: boolean;
  /** The instant of the request. */
  readonly requestedAt: Date;
}
