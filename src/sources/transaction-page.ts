import type { CallTransaction } from '../domain/invoca/transaction.js';
import type { RejectedRow } from '../domain/rejected-row.js';

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
