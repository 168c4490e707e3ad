/** Ids that a webhook names. A call named by its own id is not named by one of its transactions as well. */
export interface NudgedIds {
  readonly callIds: readonly string[];
  readonly transactionIds: readonly string[];
}
