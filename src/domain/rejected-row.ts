/** A row without a usable id or over a cap: kept with its reason, never dropped. */
export interface RejectedRow {
  readonly callId?: string | null;
  readonly transactionId: string | null;
  /** The rule that the row breaks; quotes nothing of its contents. */
  readonly reason: string;
  /** The row's JSON text as the source sent it, cut at the row cap. */
  readonly raw: string;
  /** The bytes of the same text if it is not UTF-8: `raw` then has U+FFFD in place of what cannot be read. */
  readonly rawBase64?: string;
}
