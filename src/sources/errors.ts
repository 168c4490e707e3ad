/**
 * Reasons for an unusable answer:
 *
 * - `rate-limited`: the source asks for no requests for a while, and for fewer afterwards (429)
 * - `busy`: it asks for no requests for a while (503 with `Retry-After`)
 * - `unavailable`: it gave no answer or an unexpected one; the same request may work later
 * - `too-much`: the source or the network could not deliver an answer of this size in time; ask for less
 * - `cut-off`: its answer is cut off again and again; ask for less, down to a single row
 * - `refused`: it will refuse the same request again until an operator changes a setting
 */
export type SourceErrorKind = 'rate-limited' | 'busy' | 'unavailable' | 'too-much' | 'cut-off' | 'refused';

export interface SourceErrorDetails {
  readonly kind: SourceErrorKind;
  /** Advice for an operator, in whole sentences; it is added to the message. */
  readonly advice: string;
  readonly status?: number | null;
  readonly retryAfterMs?: number | null;
  readonly code?: string | null;
}

/**
 * Reports a request to a source that got no usable answer. The message may be logged and shown: it contains no token,
 * no query and no part of a row. For the same reason the HTTP library's error is not kept as the cause.
 */
export class SourceError extends Error {
  override readonly name = 'SourceError';
  readonly kind: SourceErrorKind;
  /** HTTP status, or the status that a code in the body stands for; null if there was no answer. */
  readonly status: number | null;
  /** Time for which the source asks for no requests, 1 s to 1 h; null if it names none. */
  readonly retryAfterMs: number | null;
  /** Code of a failed connection, such as `ECONNREFUSED`; null if there was an answer, or none in time. */
  readonly code: string | null;
  /** The message without the advice: what was asked for and what came back, in whole sentences. */
  readonly finding: string;
  readonly advice: string;

  constructor(finding: string, { kind, advice, status = null, retryAfterMs = null, code = null }: SourceErrorDetails) {
    super(`${finding} ${advice}`);
    this.finding = finding;
    this.advice = advice;
    this.kind = kind;
    this.status = status;
    this.retryAfterMs = retryAfterMs;
    this.code = code;
  }
}
