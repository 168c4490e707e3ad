import type { AlertPost } from './alert-record.js';

/** An alert as a receiver gets it. */
export interface AlertMessage extends Pick<AlertPost, 'id' | 'state' | 'message' | 'since' | 'at'> {
  /** Null for the whole installation. */
  readonly account: string | null;
  /** A code of what needs a person, or `test`. */
  readonly code: string;
  /** URL of the account's workflows in Temporal's Web UI; null if its address is unknown. */
  readonly url: string | null;
}
