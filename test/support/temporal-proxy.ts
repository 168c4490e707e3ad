import { once } from 'node:events';
import {
  connect,
  constants,
  createSecureServer,
  createServer,
  type Http2Session,
  type IncomingHttpHeaders,
  type ServerHttp2Stream,
} from 'node:http2';
import type { OutgoingHttpHeaders } from 'node:http';
import type { AddressInfo } from 'node:net';
import { inject, onTestFinished } from 'vitest';

/** Returns the gRPC status that refuses a method (`OperatorService/…`), `silent` to answer nothing, or null. */
export type Refuse = (method: string) => number | 'silent' | null;

interface ProxyOptions {
  /** Key and certificate, if the proxy is asked by TLS. */
  readonly tls?: { readonly key: string; readonly cert: string } | null;
  readonly onRequest?: (headers: IncomingHttpHeaders) => void;
}

/**
 * Starts a gRPC proxy before the run's Temporal server that refuses some methods, as Temporal Cloud does. It passes the
 * others on, and stops when the test ends. Returns its address.
 */
export async function startTemporalProxy(refuse: Refuse, options: ProxyOptions = {}): Promise<string> {
  const { tls = null, onRequest } = options;
  const server = tls === null ? createServer() : createSecureServer(tls);
  const sessions = new Set<Http2Session>();
  server.on('session', (near) => {
    const far = connect(`http://${inject('temporalAddress')}`);
    for (const session of [near, far]) sessions.add(session.on('error', () => undefined));
    near.on('close', () => far.close());
    near.on('stream', (stream, headers) => {
      onRequest?.(headers);
      stream.on('error', () => undefined);
      const status = refuse((headers[':path'] ?? '').replace(/^\/.*\.(?=\w+\/)/, ''));
      if (status === null) passOn(stream, far.request(headers));
      else if (status !== 'silent') refuseStream(stream, status);
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(() => {
    for (const session of sessions) session.destroy();
    server.close();
  });
  return `127.0.0.1:${String((server.address() as AddressInfo).port)}`;
}

function refuseStream(stream: ServerHttp2Stream, status: number): void {
  stream.respond(
    {
      ':status': 200,
      'content-type': 'application/grpc',
      'grpc-status': String(status),
      'grpc-message': 'Request unauthorized.',
    },
    { endStream: true },
  );
  stream.resume();
}

function passOn(near: ServerHttp2Stream, far: ReturnType<ReturnType<typeof connect>['request']>): void {
  let trailers: OutgoingHttpHeaders = {};
  far.on('error', () => near.close(constants.NGHTTP2_INTERNAL_ERROR));
  far.on('response', (headers, flags) => {
    const endStream = (flags & constants.NGHTTP2_FLAG_END_STREAM) !== 0;
    near.respond(headers, endStream ? { endStream } : { waitForTrailers: true });
  });
  far.on('trailers', (received: OutgoingHttpHeaders) => {
    trailers = received;
  });
  near.on('wantTrailers', () => near.sendTrailers(trailers));
  near.on('close', () => far.close(near.rstCode));
  near.pipe(far);
  far.pipe(near);
}
