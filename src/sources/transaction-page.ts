import type { CallTransaction } from '../domain/invoca/transaction.js';
import type { RejectedRow } from '../domain/rejected-row.js';

/** One answer of a transaction feed. */
export interface TransactionPage {
  /** Number of rows that the source sent, good and bad. 0 means the end of the feed. */
  readonly rowCount: number;
  readonly transactions: readonly CallTransaction[];
  readonly rejects: readonly RejectedRow[];
  /** Id of the last row that has one: the next page starts after it. Null if no row has one. */
  readonly lastTransactionId: string | null;
  /** False if the answer is cut off: its last row may be incomplete, and more rows may have followed. */
  readonly isWhole: boolean;
  /** The instant of the request. */
  readonly requestedAt: Date;
}
