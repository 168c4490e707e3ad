import { once } from 'node:events';
import { createServer, type IncomingHttpHeaders } from 'node:http';
import {
  createServer as createHttp2Server,
  type Http2Server,
  type IncomingHttpHeaders as Http2Headers,
} from 'node:http2';
import type { AddressInfo } from 'node:net';
import { onTestFinished } from 'vitest';

interface Received {
  readonly path: string;
  readonly headers: IncomingHttpHeaders | Http2Headers;
  /** The message, in protobuf: its texts can be read in it. */
  readonly body: string;
}

export interface OtlpReceiver {
  /** `host:port` at which it listens. */
  readonly host: string;
  readonly received: readonly Received[];
  /** Returns the names of all metrics received that begin so. */
  names(prefix: string): string[];
}

/** Starts a receiver of metrics by OTLP that accepts everything until the test ends. */
export async function startOtlpReceiver(protocol: 'grpc' | 'http/protobuf'): Promise<OtlpReceiver> {
  const received: Received[] = [];
  const take = (message: Received): void => void received.push(message);
  const server = protocol === 'grpc' ? grpcServer(take) : httpServer(take);
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(() => void server.close());
  return {
    host: `127.0.0.1:${(server.address() as AddressInfo).port}`,
    received,
    names: (prefix) => {
      const found = received.flatMap(({ body }) => body.match(new RegExp(`\\b${prefix}[a-z_]+`, 'g')) ?? []);
      return [...new Set(found)].sort();
    },
  };
}

function httpServer(take: (message: Received) => void) {
  return createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      take({ path: request.url ?? '', headers: request.headers, body: Buffer.concat(chunks).toString('latin1') });
      response.writeHead(200, { 'content-type': 'application/x-protobuf' }).end();
    });
  });
}

/** A server of gRPC's one method that receives metrics. */
function grpcServer(take: (message: Received) => void): Http2Server {
  const server = createHttp2Server();
  server.on('stream', (stream, headers) => {
    const chunks: Buffer[] = [];
    stream.on('error', () => undefined);
    stream.on('data', (chunk: Buffer) => chunks.push(chunk));
    stream.on('end', () => {
      take({ path: headers[':path'] ?? '', headers, body: Buffer.concat(chunks).toString('latin1') });
      stream.respond({ ':status': 200, 'content-type': 'application/grpc' }, { waitForTrailers: true });
      stream.on('wantTrailers', () => {
        stream.sendTrailers({ 'grpc-status': '0' });
      });
      // An empty message, not compressed.
      stream.end(Buffer.alloc(5));
    });
  });
  return server;
}
