import { once } from 'node:events';
import { Agent as HttpAgent, type IncomingHttpHeaders } from 'node:http';
import { Agent as HttpsAgent } from 'node:https';
import got, { RequestError, TimeoutError, type Request, type Response } from 'got';
import { isLoopbackHost } from '../../process/loopback-host.js';
import { SourceError } from '../errors.js';
import { readErrorClass, refusalError } from './http-status.js';
import { networkTrouble } from './network-trouble.js';

/** A GET request. What it asks for stands in `url`; the secret stands in `headers` and goes nowhere else. */
export interface HttpGet {
  readonly url: URL;
  readonly headers: Readonly<Record<string, string>>;
  /** For the whole request, body included. */
  readonly timeoutMs?: number;
  /** Of the body after decompression. */
  readonly bodyCapBytes?: number;
  /** Aborts the request: it then rejects with `signal.reason`. */
  readonly signal?: AbortSignal | undefined;
}

/** To this machine: Node's own agents may go through a proxy of the environment (`NODE_USE_ENV_PROXY`). */
const DIRECT = { http: new HttpAgent({ keepAlive: true }), https: new HttpsAgent({ keepAlive: true }) };

const defaultTimeoutMs = 150_000;
const defaultBodyCapBytes = 128 * 1024 * 1024;
const connectTimeoutMs = 10_000;
/** As much of the body of an error answer as is looked at. */
const errorBodyCapBytes = 64 * 1024;

/** An answer whose status the caller reads. */
export interface HttpAnswer {
  readonly status: number;
  /**
   * Of a 2xx answer, decompressed; null where it is larger than the cap. That of another answer is not read: null too.
   */
  readonly body: Buffer | null;
}

/** An answer of any status, for a source that says in the body what it means. */
export interface WholeAnswer extends HttpAnswer {
  /** As in {@link HttpAnswer} where the status is 2xx; else what arrived of its first 64 KiB. */
  readonly body: Buffer | null;
  /** The header. */
  readonly retryAfter: string | undefined;
}

/**
 * Makes one request, without retries and without following redirects, and gives a 2xx answer and those of the statuses
 * that mean something to the caller.
 *
 * @throws SourceError for everything else, `signal.reason` after an abort
 */
export async function getAnswer(request: HttpGet, isMeant: (status: number) => boolean): Promise<HttpAnswer> {
  return exchange(request, async (stream, response) => {
    const { statusCode: status, headers } = response;
    if (status < 300) return { status, body: await receive(stream, headers, request) };
    if (isMeant(status)) return { status, body: null };
    throw await refusal(stream, response, request.url);
  });
}

/**
 * Makes the same request, and gives whatever is answered.
 *
 * @throws SourceError where nothing is, `signal.reason` after an abort
 */
export async function getWholeAnswer(request: HttpGet): Promise<WholeAnswer> {
  return exchange(request, async (stream, { statusCode: status, headers }) => {
    const retryAfter = headers['retry-after'];
    if (status < 300) return { status, retryAfter, body: await receive(stream, headers, request) };
    return { status, retryAfter, body: await beginning(stream) };
  });
}

async function exchange<Answer>(
  request: HttpGet,
  read: (stream: Request, response: Response) => Promise<Answer>,
): Promise<Answer> {
  request.signal?.throwIfAborted();
  const stream = open(request);
  try {
    const [response] = (await once(stream, 'response')) as [Response];
    return await read(stream, response);
  } catch (error) {
    request.signal?.throwIfAborted();
    throw error instanceof SourceError ? error : networkError(error, request);
  } finally {
    stream.destroy();
  }
}

function open({ url, headers, signal, timeoutMs = defaultTimeoutMs }: HttpGet): Request {
  const stream = got.stream(url, {
    headers: { accept: 'application/json', 'user-agent': 'callweave', ...headers },
    retry: { limit: 0 },
    followRedirect: false,
    throwHttpErrors: false,
    timeout: {
      lookup: connectTimeoutMs,
      connect: connectTimeoutMs,
      secureConnect: connectTimeoutMs,
      request: timeoutMs,
    },
    ...(signal && { signal }),
    ...(isLoopbackHost(url.hostname) && { agent: DIRECT }),
  });
  // An error between two reads is seen by the next read; without a listener it would end the process.
  stream.on('error', () => undefined);
  return stream;
}

/**
 * The cap holds while receiving, and counts decompressed bytes: neither a missing length nor a gzip bomb gets past it.
 * Null over the cap.
 */
async function receive(stream: Request, headers: IncomingHttpHeaders, request: HttpGet): Promise<Buffer | null> {
  const capBytes = request.bodyCapBytes ?? defaultBodyCapBytes;
  const chunks: Buffer[] = [];
  let bytes = 0;
  if (Number(headers['content-length']) > capBytes) return null;
  for await (const chunk of stream as AsyncIterable<Buffer>) {
    bytes += chunk.length;
    if (bytes > capBytes) return null;
    chunks.push(chunk);
  }
  return Buffer.concat(chunks, bytes);
}

/** The error of a 2xx answer that is no JSON. */
export function notJson({ url, status, bytes }: { url: URL; status: number; bytes: number }): SourceError {
  return new SourceError(
    `${describeGet(url)}: answered with ${bytes} bytes that are not JSON in UTF-8. ` +
      'If this goes on, check that the base URL is the API and not a web page or proxy.',
    { kind: 'unavailable', status },
  );
}

/** The error of a 2xx answer that is over the cap. */
export function bodyTooLarge({ url, bodyCapBytes = defaultBodyCapBytes }: HttpGet): SourceError {
  return new SourceError(
    `${describeGet(url)}: the answer is larger than ${bodyCapBytes} bytes, the most that is read. Ask for less.`,
    { kind: 'too-much', status: 200 },
  );
}

async function refusal(stream: Request, response: Response, url: URL): Promise<SourceError> {
  return refusalError({
    subject: describeGet(url),
    answered: response.statusCode,
    retryAfter: response.headers['retry-after'],
    said: readErrorClass((await beginning(stream)).toString('utf8')),
  });
}

/** What arrives of an error's body; the status stands even where its body breaks off. */
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

function networkError(error: unknown, { url, timeoutMs = defaultTimeoutMs }: HttpGet): SourceError {
  const subject = describeGet(url);
  if (error instanceof TimeoutError && error.event === 'request') {
    return new SourceError(`${subject}: no complete answer within ${timeoutMs / 1_000} s. Ask for less.`, {
      kind: 'too-much',
    });
  }
  const code = error instanceof RequestError ? error.code : 'unknown error';
  if (code === 'ERR_INVALID_CHAR') {
    return new SourceError(
      `${subject}: the API token holds a character that cannot be sent in a header. Check the token.`,
      { kind: 'refused' },
    );
  }
  const { words, advice } = networkTrouble(code, url);
  return new SourceError(`${subject}: ${words} (${code}). ${advice}`, { kind: 'unavailable' });
}

/** Names a request without its query, which may hold personal data, and without a user name or password. */
export function describeGet(url: URL): string {
  return `GET ${url.origin}${url.pathname}`;
}
