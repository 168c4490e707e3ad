import { once } from 'node:events';
import { request as httpsRequest, type RequestOptions } from 'node:https';
import got, { RequestError, type Request, type Response } from 'got';
import { SourceError } from '../errors.js';
import { agentsFor, type TunnelTime } from './agents.js';
import type { BodyRoom } from './body-room.js';
import { readErrorClass, refusalError } from './http-status.js';
import { networkTrouble } from './network-trouble.js';
import { ProxyFailure } from './proxy-failure.js';
import { Stopwatch } from './stopwatch.js';

/** A GET request, or a POST if it has a body. The secret is in `headers` only, and goes nowhere else. */
export interface HttpGet {
  readonly url: URL;
  readonly headers: Readonly<Record<string, string>>;
  /** Text to post; a `content-type` says what it is. */
  readonly post?: string | undefined;
  /** The HTTP proxy to use, with user and password in its URL; null or unset for a direct connection. */
  readonly proxy?: URL | null | undefined;
  /** Limit for the whole request, body included; 150 s by default. */
  readonly timeoutMs?: number;
  /** Limit for the decompressed body; 128 MiB by default. */
  readonly bodyCapBytes?: number;
  /** Room for the body. Waiting for it does not count as time of the request. */
  readonly room?: BodyRoom | undefined;
  /** Aborts the request, which then rejects with `signal.reason`. */
  readonly signal?: AbortSignal | undefined;
}

const defaultTimeoutMs = 150_000;
const defaultBodyCapBytes = 128 * 1024 * 1024;
const connectTimeoutMs = 10_000;
/** Part of the time of a request that a connection may take, twice at a proxy: then the reason can be reported. */
const connectShare = 0.4;
/** Number of bytes after which reading the body of an error stops. */
const errorBodyCapBytes = 64 * 1024;

/** An answer whose status the caller interprets. */
export interface HttpAnswer {
  readonly status: number;
  /** Decompressed body of a 2xx answer; null if it is over the limit, or if the status is not 2xx. */
  readonly body: Buffer | null;
}

/** An answer of any status, for a source that explains errors in the body. */
export interface WholeAnswer extends HttpAnswer {
  /** Body as in {@link HttpAnswer} for 2xx; otherwise its first 64 KiB, empty if the connection breaks. */
  readonly body: Buffer | null;
  /** The `Retry-After` header. */
  readonly retryAfter: string | undefined;
}

/**
 * Makes one request, without retries and without following redirects. Returns a 2xx answer, or one with a status for
 * which `isMeant` is true.
 *
 * @throws SourceError for everything else, `signal.reason` after an abort
 */
export async function getAnswer(request: HttpGet, isMeant: (status: number) => boolean): Promise<HttpAnswer> {
  return exchange(request, async (incoming) => {
    const { statusCode: status } = incoming.response;
    if (status < 300) return { status, body: await receive(incoming, request) };
    if (isMeant(status)) return { status, body: null };
    throw await refusal(incoming, request.url);
  });
}

/**
 * Makes one request as {@link getAnswer} does, and returns the answer whatever its status.
 *
 * @throws SourceError if there is no answer, `signal.reason` after an abort
 */
export async function getWholeAnswer(request: HttpGet): Promise<WholeAnswer> {
  return exchange(request, async (incoming) => {
    const { statusCode: status, headers } = incoming.response;
    const retryAfter = headers['retry-after'];
    if (status < 300) return { status, retryAfter, body: await receive(incoming, request) };
    return { status, retryAfter, body: await beginning(incoming.stream) };
  });
}

/** An answer whose body is still to be received. */
interface Incoming {
  readonly stream: Request;
  readonly response: Response;
  /** Measures the time of the request. */
  readonly time: Stopwatch;
}

async function exchange<Answer>(request: HttpGet, read: (incoming: Incoming) => Promise<Answer>): Promise<Answer> {
  request.signal?.throwIfAborted();
  const stream = open(request);
  const time = new Stopwatch(request.timeoutMs ?? defaultTimeoutMs, () => stream.destroy(new Error('too late')));
  try {
    const [response] = (await once(stream, 'response')) as [Response];
    return await read({ stream, response, time });
  } catch (error) {
    request.signal?.throwIfAborted();
    if (time.isOver) throw tooLate(request);
    throw error instanceof SourceError ? error : networkError(error, request);
  } finally {
    time.stop();
    stream.destroy();
  }
}

function open({ url, headers, post, signal, proxy = null, timeoutMs = defaultTimeoutMs }: HttpGet): Request {
  const connectWithinMs = Math.min(connectTimeoutMs, timeoutMs * connectShare);
  const stream = got.stream(url, {
    ...(post !== undefined && { method: 'POST', body: post }),
    headers: { accept: 'application/json', 'user-agent': 'callweave', ...headers },
    retry: { limit: 0 },
    followRedirect: false,
    throwHttpErrors: false,
    timeout: {
      lookup: connectWithinMs,
      connect: connectWithinMs,
      secureConnect: connectWithinMs,
    },
    ...(signal && { signal }),
    agent: agentsFor(proxy),
    ...(proxy !== null && url.protocol === 'https:' && { request: tunnelled({ connectWithinMs }) }),
  });
  // The next read reports an error between two reads; without a listener it would end the process.
  stream.on('error', () => undefined);
  return stream;
}

/** Returns a way to make a request that tells the agent how long it may take to connect: `got` cannot hand that on. */
function tunnelled(time: TunnelTime): (url: URL, options: RequestOptions) => ReturnType<typeof httpsRequest> {
  return (url, options) => httpsRequest(url, { ...options, ...time });
}

/**
 * Receives a body; null if it is over the limit. Counts decompressed bytes as they arrive, so that neither a missing
 * length nor a gzip bomb gets past the limit.
 */
async function receive({ stream, response, time }: Incoming, request: HttpGet): Promise<Buffer | null> {
  const { bodyCapBytes: capBytes = defaultBodyCapBytes, room } = request;
  const { 'content-length': length, 'content-encoding': encoding } = response.headers;
  if (Number(length) > capBytes) return null;
  if (encoding === undefined && Number(length) > 0) await time.without(room?.reserve(Number(length)));
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of stream as AsyncIterable<Buffer>) {
    bytes += chunk.length;
    if (bytes > capBytes) return null;
    await time.without(room?.hold(bytes));
    chunks.push(chunk);
  }
  room?.settle(bytes);
  return Buffer.concat(chunks, bytes);
}

/** Makes the error for a 2xx answer that is not JSON. */
export function notJson({ url, status, bytes }: { url: URL; status: number; bytes: number }): SourceError {
  return new SourceError(`${describeGet(url)}: answered with ${bytes} bytes that are not JSON in UTF-8.`, {
    kind: 'unavailable',
    status,
    advice: 'If this continues, check that the base URL is the API and not a web page or proxy.',
  });
}

/** Makes the error for a 2xx answer over the size limit. */
export function bodyTooLarge({ url, bodyCapBytes = defaultBodyCapBytes }: HttpGet): SourceError {
  return new SourceError(`${describeGet(url)}: the answer is larger than the limit of ${bodyCapBytes} bytes.`, {
    kind: 'too-much',
    status: 200,
    advice: 'Ask for less.',
  });
}

async function refusal({ stream, response }: Incoming, url: URL): Promise<SourceError> {
  return refusalError({
    subject: describeGet(url),
    answered: response.statusCode,
    retryAfter: response.headers['retry-after'],
    said: readErrorClass((await beginning(stream)).toString('utf8')),
  });
}

/** Reads the first 64 KiB of an error's body; empty if the connection breaks, because the status is enough. */
async function beginning(stream: Request): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  try {
    for await (const chunk of stream as AsyncIterable<Buffer>) {
      bytes += chunk.length;
      chunks.push(chunk);
      if (bytes > errorBodyCapBytes) break;
    }
  } catch {
    return Buffer.alloc(0);
  }
  return Buffer.concat(chunks);
}

function tooLate({ url, timeoutMs = defaultTimeoutMs }: HttpGet): SourceError {
  return new SourceError(`${describeGet(url)}: no complete answer within ${timeoutMs / 1_000} s.`, {
    kind: 'too-much',
    advice: 'Ask for less.',
  });
}

function networkError(error: unknown, { url }: HttpGet): SourceError {
  const subject = describeGet(url);
  // From Node.js 24 on, a TLS handshake that fails gives an error that `got` has not wrapped.
  const failure = error instanceof RequestError ? error.cause : error;
  const code = error instanceof RequestError ? error.code : codeOf(error);
  if (code === 'ERR_INVALID_CHAR') {
    return new SourceError(`${subject}: the API token contains a character that cannot be sent in a header.`, {
      kind: 'refused',
      advice: 'Check the token.',
    });
  }
  const { words, advice } = failure instanceof ProxyFailure ? failure.trouble : networkTrouble(code, url);
  return new SourceError(`${subject}: ${words} (${code}).`, { kind: 'unavailable', advice, code });
}

function codeOf(error: unknown): string {
  if (!(error instanceof Error) || !('code' in error)) return 'unknown error';
  return String(error.code);
}

/** Names a request without its query, which may contain personal data, and without user name or password. */
export function describeGet(url: URL): string {
  return `GET ${url.origin}${url.pathname}`;
}
