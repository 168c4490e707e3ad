/** A row that cannot be keyed or is over a cap: kept with its reason, never dropped. */
export interface RejectedRow {
  readonly callId?: string | null;
  readonly transactionId: string | null;
  /** Says which rule the row breaks; quotes nothing of its contents. */
  readonly reason: string;
  /** The row as the source sent it, JSON text, cut at the row cap. */
  readonly raw: string;
  /** The same, byte by byte, where it is not UTF-8 and `raw` has U+FFFD for what cannot be read. */
  readonly rawBase64?: string;
}
