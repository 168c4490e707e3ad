import { SourceError } from '../errors.js';
import { describeGet, getWholeAnswer, jsonOf } from '../http.js';
import { readJson } from '../json.js';
import { readEnvelope, refusalOf, requestIdOf, saidBy } from './envelope.js';

export interface CrediraCredential {
  /** `https://api.credira.com/v1` */
  readonly baseUrl: string;
  readonly apiKey: string;
  /** For a whole request, 150 s by default. */
  readonly timeoutMs?: number;
}

interface Asking {
  readonly credential: CrediraCredential;
  /** From the base URL on, with its query. */
  readonly path: string;
  readonly signal: AbortSignal | undefined;
}

/** What every answer tells. */
export interface Answered {
  /** The instant of the request. */
  readonly requestedAt: Date;
  /** Credira's name for the request, for a log and for their support; null where it gives none. */
  readonly requestId: string | null;
}

/** `not-found`: Credira does not know what was asked for. */
type CrediraAnswer =
  (Answered & { readonly kind: 'data'; readonly data: unknown }) | (Answered & { readonly kind: 'not-found' });

/**
 * Makes one request and opens its answer. The message of an error names the id that Credira gave the request.
 *
 * @throws SourceError; `signal.reason` after an abort
 */
export async function askCredira({ credential, path, signal }: Asking): Promise<CrediraAnswer> {
  const requestedAt = new Date();
  const { baseUrl, timeoutMs } = credential;
  const get = {
    url: new URL(`${baseUrl.replace(/\/+$/, '')}${path}`),
    headers: authorization(credential),
    ...(timeoutMs !== undefined && { timeoutMs }),
    signal,
  };
  const answer = await getWholeAnswer(get);
  const { status, retryAfter, body } = answer;
  const json = status < 300 ? jsonOf(get, answer) : readJson(body ?? Buffer.of())?.value;
  const envelope = readEnvelope(json);
  const subject = describeGet(get.url);
  const answered = { requestedAt, requestId: requestIdOf(envelope) };

  const refusal = refusalOf({ subject, status, retryAfter, envelope });
  if (refusal === 'not-found') return { kind: 'not-found', ...answered };
  if (refusal !== null) throw refusal;
  if (envelope?.data === undefined) throw unknownShape({ subject, status, said: saidBy(envelope) });
  return { kind: 'data', data: envelope.data, ...answered };
}

export function authorization({ apiKey }: CrediraCredential): Readonly<Record<string, string>> {
  return { authorization: `Bearer ${apiKey}` };
}

/** The error of a 2xx answer which is JSON, but none that is documented. */
export function unknownShape({
  subject,
  status,
  said,
}: {
  subject: string;
  status: number;
  said: string | null;
}): SourceError {
  return new SourceError(
    `${subject}: answered ${status} with JSON of an unknown shape${said === null ? '' : ` (${said})`}. ` +
      "If this goes on, check that the base URL is Credira's API.",
    { kind: 'unavailable', status },
  );
}
