/** Result of a check. `skipped`: not tried, because a check that it depends on failed, or for lack of time. */
type CheckState = 'ok' | 'warning' | 'failed' | 'skipped';

/** One line of `callweave check`. */
export interface CheckResult {
  /** Stable name, such as `mongodb.connection`; scripts rely on it. */
  readonly id: string;
  /** Null if it concerns a server, not an account. */
  readonly account: string | null;
  readonly state: CheckState;
  /** The finding, without personal data. */
  readonly message: string;
  /** Advice for an operator; null if nothing is to be done. */
  readonly advice: string | null;
}
