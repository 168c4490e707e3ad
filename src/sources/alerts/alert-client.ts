import type { AlertMessage } from '../../domain/alerts/alert-message.js';
import { SourceError } from '../errors.js';
import { parseRetryAfter } from '../http/http-status.js';
import { getWholeAnswer, type HttpGet, type WholeAnswer } from '../http/http.js';
import { jsonBody, slackBody } from './alert-bodies.js';

export interface AlertClientOptions {
  readonly url: URL;
  readonly format: 'json' | 'slack';
  /** The proxy for `url`; null for a direct connection. */
  readonly proxy: URL | null;
  /** Null if nothing wants to know that all is well. */
  readonly heartbeat: { readonly url: URL; readonly proxy: URL | null } | null;
}

/** Sends alerts. Its errors never contain a URL, because these URLs are secrets. */
export interface AlertClient {
  /** Posts an alert once. @throws AlertFailure if it did not arrive, or may not have */
  post(alert: AlertMessage): Promise<void>;
  /** Tells the heartbeat URL that all is well; null if there is none. @throws AlertFailure as `post` does */
  readonly beat: (() => Promise<void>) | null;
}

/** A request to the alert URL or the heartbeat URL that was not answered with 2xx. */
export class AlertFailure extends Error {
  override readonly name = 'AlertFailure';
  /** True if the receiver will refuse the same again: it answered 3xx, or 4xx other than 408 and 429. */
  readonly isRefusal: boolean;
  /** Time for which the receiver asks for no requests; null if it names none. */
  readonly askedForMs: number | null;

  /** `reason`: a few words such as "503" or "no connection: ECONNREFUSED". */
  constructor(reason: string, { isRefusal = false, askedForMs = null }: Partial<Omit<AlertFailure, keyof Error>> = {}) {
    super(reason);
    this.isRefusal = isRefusal;
    this.askedForMs = askedForMs;
  }
}

const TIMEOUT_MS = 10_000;
/** Receivers answer a word or two. */
const BODY_CAP_BYTES = 64 * 1024;

export function createAlertClient({ url, format, proxy, heartbeat }: AlertClientOptions): AlertClient {
  const bodyOf = { json: jsonBody, slack: slackBody }[format];
  return {
    post: (alert) =>
      send({
        url,
        proxy,
        headers: { 'content-type': 'application/json', accept: '*/*' },
        post: JSON.stringify(bodyOf(alert)),
      }),
    beat: heartbeat && (() => send({ url: heartbeat.url, proxy: heartbeat.proxy, headers: { accept: '*/*' } })),
  };
}

async function send(request: Pick<HttpGet, 'url' | 'proxy' | 'headers' | 'post'>): Promise<void> {
  const answer = await answerTo({ ...request, timeoutMs: TIMEOUT_MS, bodyCapBytes: BODY_CAP_BYTES });
  const { status, retryAfter } = answer;
  if (status >= 200 && status < 300) return;
  throw new AlertFailure(`${status}${saidIn(answer)}`, {
    isRefusal: status < 500 && status !== 408 && status !== 429,
    askedForMs: parseRetryAfter(retryAfter, new Date()),
  });
}

async function answerTo(request: HttpGet): Promise<WholeAnswer> {
  try {
    return await getWholeAnswer(request);
  } catch (error) {
    if (!(error instanceof SourceError)) throw error;
    throw new AlertFailure(noAnswer(error.code));
  }
}

/** Explains that there was no answer. A proxy that refuses has a status as its code. */
function noAnswer(code: string | null): string {
  if (code === null) return `no answer within ${TIMEOUT_MS / 1_000} s`;
  return /^\d+$/.test(code) ? `no connection: the proxy answered ${code}` : `no connection: ${code}`;
}

/** Returns the reason that Slack gives in one word, such as " (invalid_payload)"; empty if there is none. */
function saidIn({ body }: WholeAnswer): string {
  const word = /^[a-z]+(?:_[a-z]+)+$/.exec(body?.toString('utf8').trim() ?? '')?.[0] ?? '';
  return word === '' || word.length > 60 ? '' : ` (${word})`;
}
