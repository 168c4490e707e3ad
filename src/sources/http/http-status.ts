import { z } from 'zod';
import { DateTime } from 'luxon';
import { SourceError, type SourceErrorKind } from '../errors.js';

/**
 * `{"errors": {"class": "InvalidInput", "invalid_data": "…"}}`: the class is a word, the data may repeat what was sent.
 */
const ErrorBody = z.object({ errors: z.object({ class: z.string().regex(/^[A-Za-z]{1,60}$/) }) });

interface Refusal {
  readonly subject: string;
  /** What was answered. */
  readonly answered: number;
  /** What it stands for, where the body says otherwise. */
  readonly status?: number;
  readonly retryAfter: string | undefined;
  /** The source's own words for it: nothing but codes and ids. */
  readonly said: string | null;
  /** What to do about it, where that is not what the status alone suggests. */
  readonly advice?: string | undefined;
}

/** The one table of what an HTTP status other than 2xx means. */
export function refusalError(refusal: Refusal): SourceError {
  const { subject, answered, status = answered, retryAfter, said, advice = adviceOn(status) } = refusal;
  const answer = said === null ? `answered ${answered}` : `answered ${answered} (${said})`;
  const retryAfterMs = parseRetryAfter(retryAfter, new Date());
  return new SourceError(`${subject}: ${answer}. ${advice}`, {
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
  if (status === 429) return 'The source asks to be left alone.';
  if (status === 504) return 'The source did not manage an answer of this size in time: ask for less.';
  if (status === 408 || status >= 500) return 'The source is in trouble; the same request may work later.';
  if (status === 400) return 'Check the API version.';
  if (status === 401) return 'Check the API token.';
  if (status === 403)
    return "Check the token's rights to this id, and the arguments: the source says 403 to wrong ones too.";
  if (status === 404) return 'Check the scope, the id and the base URL.';
  if (status < 400) return 'Redirects are not followed: check the base URL.';
  return 'Check the settings of this account.';
}

/** What a body as Invoca's says of an error. */
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
 * number or a past date is 1 s, an absurdly large one 1 h. Null where the header is absent or unreadable.
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
