import { createHash, timingSafeEqual } from 'node:crypto';
import type { IncomingHttpHeaders } from 'node:http';

/** The place that a webhook is sent to. */
export interface RequestTarget {
  readonly account: string;
  /** The secret as the path has it; null if it has none. */
  readonly secret: string | null;
  readonly query: URLSearchParams;
}

/** Paths `/webhooks/<account>` and `/webhooks/<account>/<secret>`, after the scheme and host that a proxy may name. */
const TARGET =
  /^(?:https?:\/\/[^/?#]*)?\/webhooks\/(?<account>[^/?#]+)(?:\/(?<secret>[^/?#]*))?(?:\?(?<query>[^#]*))?$/;

/** Reads the target of a request line; null if it is no place for webhooks. */
export function readTarget(target: string): RequestTarget | null {
  const { account, secret, query } = TARGET.exec(target)?.groups ?? {};
  if (account === undefined) return null;
  return { account: decoded(account), secret: secret || null, query: new URLSearchParams(query) };
}

/**
 * True if the right secret is shown: in the path if that has one, else in a header. The time it takes says nothing
 * about how much of a wrong secret is right.
 */
export function showsSecret(
  shown: { readonly target: RequestTarget; readonly headers: IncomingHttpHeaders },
  secret: string,
): boolean {
  const { target, headers } = shown;
  if (target.secret !== null) return [target.secret, decoded(target.secret)].some((text) => isSame(text, secret));
  const bearer = /^Bearer +(?<token>.+)$/i.exec(headers.authorization ?? '')?.groups?.['token'];
  return [bearer, headers['x-callweave-secret']].some((text) => typeof text === 'string' && isSame(text, secret));
}

function isSame(text: string, secret: string): boolean {
  return timingSafeEqual(digest(text), digest(secret));
}

function digest(text: string): Buffer {
  return createHash('sha256').update(text).digest();
}

/** Returns the segment without percent-encoding, or as it is if that cannot be decoded. */
function decoded(segment: string): string {
  try {
    return decodeURIComponent(segment);
  } catch {
    return segment;
  }
}
