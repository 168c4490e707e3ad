import { z } from 'zod';
import { DateTime } from 'luxon';
import { SourceError, type SourceErrorKind } from '../errors.js';

/**
 * Invoca's `{"errors": {"class": "InvalidInput", "invalid_data": "…"}}`. The class is one word and may be shown; the
 * data may repeat what was sent.
 */
const ErrorBody = z.object({ errors: z.object({ class: z.string().regex(/^[A-Za-z]{1,60}$/) }) });

interface Refusal {
  readonly subject: string;
  /** HTTP status of the answer. */
  readonly answered: number;
  /** Status that the body stands for, if it differs. */
  readonly status?: number;
  readonly retryAfter: string | undefined;
  /** Codes and ids from the answer; null if there are none. */
  readonly said: string | null;
  /** Advice to give instead of the usual one for the status. */
  readonly advice?: string | undefined;
}

/** Makes the error for an HTTP status other than 2xx. No other place decides what a status means. */
export function refusalError(refusal: Refusal): SourceError {
  const { subject, answered, status = answered, retryAfter, said, advice = adviceOn(status) } = refusal;
  const answer = said === null ? `answered ${answered}` : `answered ${answered} (${said})`;
  const retryAfterMs = parseRetryAfter(retryAfter, new Date());
  return new SourceError(`${subject}: ${answer}.`, {
    advice,
    kind: kindOf({ status, asksForPause: retryAfterMs !== null }),
    status,
    retryAfterMs,
  });
}

function kindOf({ status, asksForPause }: { status: number; asksForPause: boolean }): SourceErrorKind {
  if (status === 429) return 'rate-limited';
  if (status === 503 && asksForPause) return 'busy';
  if (status === 504) return 'too-much';
  // A load balancer gave up waiting for the request: nothing about the request itself is wrong.
  if (status === 408 || status >= 500) return 'unavailable';
  return 'refused';
}

function adviceOn(status: number): string {
  if (status === 429) return 'Too many requests: wait before sending more.';
  if (status === 504) return 'The source could not finish its answer in time: ask for less.';
  if (status === 408 || status >= 500) return 'The source has a problem; the same request may work later.';
  if (status === 400) return 'Check the API version.';
  if (status === 401) return 'Check the API token.';
  if (status === 403)
    return "Check the token's rights to this id, and the arguments: wrong arguments are answered with 403 too.";
  if (status === 404) return 'Check the scope, the id and the base URL.';
  if (status < 400) return 'Redirects are not followed: check the base URL.';
  return 'Check the settings of this account.';
}

/** Reads the error class of a body in Invoca's format; null if there is none. */
export function readErrorClass(body: string): string | null {
  try {
    return ErrorBody.parse(JSON.parse(body)).errors.class;
  } catch {
    return null;
  }
}

const shortestMs = 1_000;
const longestMs = 3_600_000;

/**
 * Reads a `Retry-After` header, seconds or an HTTP date, as milliseconds from `now`, clamped to 1 s .. 1 h: a negative
 * number or a past date is 1 s. Null if the header is absent or unreadable.
 */
export function parseRetryAfter(header: string | undefined, now: Date): number | null {
  const text = header?.trim() ?? '';
  if (/^[+-]?\d+(\.\d+)?$/.test(text)) return clamp(Number(text) * 1_000);

  const instant = DateTime.fromHTTP(text);
  return instant.isValid ? clamp(instant.toMillis() - now.getTime()) : null;
}

function clamp(delayMs: number): number {
  return Math.round(Math.min(Math.max(delayMs, shortestMs), longestMs));
}
