import { SourceError } from '../errors.js';
import { bodyTooLarge, describeGet, getWholeAnswer, notJson, type HttpGet, type HttpAnswer } from '../http/http.js';
import { readJson } from '../json/json.js';
import {
  repairEnvelope,
  readEnvelope,
  refusalOf,
  requestIdOf,
  saidBy,
  totalCallsOf,
  type EnvelopeText,
} from './envelope.js';

export interface CrediraCredential {
  /** `https://api.credira.com/v1` */
  readonly baseUrl: string;
  readonly apiKey: string;
  /** Limit for a whole request; 150 s by default. */
  readonly timeoutMs?: number;
  /** The HTTP proxy to use; null or unset for direct connections. */
  readonly proxy?: URL | null;
}

interface Asking {
  readonly credential: CrediraCredential;
  /** Path after the base URL, with its query. */
  readonly path: string;
  readonly signal: AbortSignal | undefined;
}

/** Values that every answer has. */
export interface Answered {
  /** The instant of the request. */
  readonly requestedAt: Date;
  /** Credira's id of the request, for the log and for their support; null if it gives none. */
  readonly requestId: string | null;
}

/**
 * An answer of Credira. `not-found`: it does not know the id. `no-content`: it has no data about the id (204).
 * `isWhole` is false if the data is cut off. `statedTotal` is the number of calls that the answer states, or null.
 */
type CrediraAnswer =
  | (Answered & {
      readonly kind: 'data';
      readonly data: unknown;
      readonly isWhole: boolean;
      readonly statedTotal: number | null;
    })
  | (Answered & { readonly kind: 'not-found' | 'no-content' });

/**
 * Makes one request and opens its answer. The error for an answer names the id that Credira gave the request.
 *
 * @throws SourceError; `signal.reason` after an abort
 */
export async function askCredira({ credential, path, signal }: Asking): Promise<CrediraAnswer> {
  const requestedAt = new Date();
  const { baseUrl, timeoutMs, proxy } = credential;
  const get = {
    url: new URL(`${baseUrl.replace(/\/+$/, '')}${path}`),
    headers: authorization(credential),
    proxy,
    ...(timeoutMs !== undefined && { timeoutMs }),
    signal,
  };
  const answer = await getWholeAnswer(get);
  const { status, retryAfter, body } = answer;
  if (status === 204) return { kind: 'no-content', requestedAt, requestId: null };
  const read = status < 300 ? readBody(get, answer) : { value: readJson(body ?? Buffer.of())?.value, isWhole: true };
  const envelope = readEnvelope(read.value);
  const subject = describeGet(get.url);
  const answered = { requestedAt, requestId: requestIdOf(envelope) };

  const refusal = refusalOf({ subject, status, retryAfter, envelope });
  if (refusal === 'not-found') return { kind: 'not-found', ...answered };
  if (refusal !== null) throw refusal;
  if (envelope?.data === undefined) throw unknownShape({ subject, status, said: saidBy(envelope) });
  return { kind: 'data', data: envelope.data, isWhole: read.isWhole, statedTotal: totalCallsOf(envelope), ...answered };
}

function readBody(get: HttpGet, { status, body }: HttpAnswer): EnvelopeText {
  if (body === null) throw bodyTooLarge(get);
  const json = readJson(body);
  const read = json === null ? repairEnvelope(body) : { value: json.value, isWhole: true };
  if (read !== null) return read;
  throw notJson({ url: get.url, status, bytes: body.length });
}

export function authorization({ apiKey }: CrediraCredential): Readonly<Record<string, string>> {
  return { authorization: `Bearer ${apiKey}` };
}

/** Makes the error for a 2xx answer that is JSON of an undocumented shape. */
export function unknownShape({
  subject,
  status,
  said,
}: {
  subject: string;
  status: number;
  said: string | null;
}): SourceError {
  const answer = `answered ${status} with JSON of an unknown shape${said === null ? '' : ` (${said})`}`;
  return new SourceError(`${subject}: ${answer}.`, {
    kind: 'unavailable',
    status,
    advice: "If this continues, check that the base URL is Credira's API.",
  });
}
