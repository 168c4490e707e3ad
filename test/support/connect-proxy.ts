import { once } from 'node:events';
import { createServer as createHttpServer } from 'node:http';
import { connect, type AddressInfo, type Socket } from 'node:net';
import { createServer as createTlsServer } from 'node:tls';
import { onTestFinished } from 'vitest';
import { signedByOwnCa } from './certificates.js';

export interface ConnectProxy {
  /** `host:port` at which it listens. */
  readonly host: string;
  /** Targets that it was asked to connect to, oldest first. */
  readonly asked: readonly string[];
}

/**
 * Starts an HTTP proxy that answers CONNECT until the test ends. It resolves names by itself: `hosts` has the port on
 * this machine for each `host:port`. It answers any other target with 502, and with 407 whoever does not send `login`
 * (`user:password`). With `status`, it refuses everything so.
 */
export async function startConnectProxy({
  hosts,
  login,
  status,
}: {
  hosts: Readonly<Record<string, number>>;
  login?: string;
  status?: number;
}): Promise<ConnectProxy> {
  const asked: string[] = [];
  const sockets = new Set<Socket>();
  const expected = login === undefined ? undefined : `Basic ${Buffer.from(login).toString('base64')}`;
  const proxy = createHttpServer();
  proxy.on('connection', (socket) => sockets.add(socket));
  proxy.on('connect', (request, near: Socket) => {
    near.on('error', () => undefined);
    asked.push(request.url ?? '');
    const port = hosts[request.url ?? ''];
    const isKnown = expected === undefined || request.headers['proxy-authorization'] === expected;
    const refusal = status ?? (isKnown ? (port === undefined ? 502 : null) : 407);
    if (refusal !== null || port === undefined) {
      near.end(`HTTP/1.1 ${String(refusal)} Refused\r\nContent-Type: application/json\r\nContent-Length: 2\r\n\r\n[]`);
      return;
    }
    const far = connect(port, '127.0.0.1', () => {
      near.write('HTTP/1.1 200 Connection established\r\n\r\n');
      near.pipe(far).pipe(near);
    });
    sockets.add(far.on('error', () => near.destroy()));
    near.on('close', () => far.destroy());
  });
  const port = await listening(proxy);
  onTestFinished(() => {
    proxy.close();
    for (const socket of sockets) socket.destroy();
  });
  return { host: `127.0.0.1:${String(port)}`, asked };
}

/** Starts a server that takes HTTP/2 by TLS, with a certificate of the tests' CA, and relays it. Returns its port. */
export async function startTlsRelay(port: number): Promise<number> {
  const relay = createTlsServer({ ...signedByOwnCa, ALPNProtocols: ['h2'] }, (near) => {
    const far = connect(port, '127.0.0.1');
    far.on('error', () => near.destroy());
    near.on('error', () => far.destroy());
    near.pipe(far).pipe(near);
  });
  onTestFinished(() => {
    relay.close();
  });
  return listening(relay);
}

async function listening(server: ReturnType<typeof createHttpServer | typeof createTlsServer>): Promise<number> {
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return (server.address() as AddressInfo).port;
}
