import type { IncomingMessage, OutgoingHttpHeaders, ServerResponse } from 'node:http';
import { hasBody } from './read-body.js';

export interface WebhookAnswer {
  readonly status: number;
  readonly body: object;
  readonly headers?: OutgoingHttpHeaders;
}

/** Limits of how much of an unwanted body is received and dropped, so that its sender sees the answer. */
const LINGER_MS = 2_000;
const LINGER_BYTES = 4 * 1024 * 1024;

/** Sends the answer. After it, the connection ends if `isLast`, and always if the body is not read to its end. */
export function sendAnswer(
  { request, response, isLast }: { request: IncomingMessage; response: ServerResponse; isLast: boolean },
  { status, body, headers }: WebhookAnswer,
): void {
  const text = `${JSON.stringify(body)}\n`;
  const isUnread = hasBody(request) && !request.readableEnded;
  response.writeHead(status, {
    'content-type': 'application/json',
    'content-length': Buffer.byteLength(text),
    'cache-control': 'no-store',
    ...headers,
    ...((isLast || isUnread) && { connection: 'close' }),
  });
  if (!isUnread) {
    response.end(text);
    return;
  }
  // The end closes the connection. Closed with unread bytes, it would be reset, and the sender might lose the answer.
  response.write(text);
  let bytes = 0;
  const timer = setTimeout(() => response.end(), LINGER_MS);
  request.on('data', (chunk: Buffer) => {
    bytes += chunk.length;
    if (bytes > LINGER_BYTES) response.end();
  });
  request.once('end', () => response.end());
  request.once('close', () => clearTimeout(timer));
  request.resume();
}
