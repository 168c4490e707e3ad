/**
 * - `rate-limited`: the source asks to be left alone, and for fewer requests afterwards (429)
 * - `busy`: it asks to be left alone (503 with `Retry-After`)
 * - `unavailable`: it did not answer, or not with what it should; the same request may work later
 * - `too-much`: it or the network did not manage an answer of this size in time; ask for less
 * - `cut-off`: its answer breaks off, again and again; ask for less, down to a single row
 * - `refused`: it will answer the same next time; somebody must change a setting
 */
export type SourceErrorKind = 'rate-limited' | 'busy' | 'unavailable' | 'too-much' | 'cut-off' | 'refused';

export interface SourceErrorDetails {
  readonly kind: SourceErrorKind;
  readonly status?: number | null;
  readonly retryAfterMs?: number | null;
}

/**
 * A request to a source that gave no usable answer. The message may be logged and shown: it holds no token, no query
 * and nothing of a row, which is also why the error of the HTTP library is not kept as its cause.
 */
export class SourceError extends Error {
  override readonly name = 'SourceError';
  readonly kind: SourceErrorKind;
  /** The HTTP status, or the one that a code in the body stands for; null where there was no answer. */
  readonly status: number | null;
  /** How long the source asks to be left alone, 1 s to 1 h; null where it does not say. */
  readonly retryAfterMs: number | null;

  constructor(message: string, { kind, status = null, retryAfterMs = null }: SourceErrorDetails) {
    super(message);
    this.kind = kind;
    this.status = status;
    this.retryAfterMs = retryAfterMs;
  }
}
