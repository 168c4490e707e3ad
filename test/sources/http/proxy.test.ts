import { execFile } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { createServer as createTlsServer } from 'node:https';
import { createServer, type AddressInfo, type Socket } from 'node:net';
import { once } from 'node:events';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { getAnswer } from '../../../src/sources/http/http.js';
import { ownCa, signedByOwnCa } from '../../support/certificates.js';
import { startConnectProxy, type ConnectProxy } from '../../support/connect-proxy.js';
import type { Answers } from '../../support/get-process.js';
import { temporaryFolder } from '../../support/temporary-folder.js';

const at = (path: string): string => fileURLToPath(new URL(`../../support/${path}`, import.meta.url));

interface Api {
  readonly port: number;
  /** Number of connections that were opened to it. */
  readonly connections: () => number;
}

/** Starts an API with a certificate of the tests' CA, which answers `/status/<n>` with that status. */
async function startApi(): Promise<Api> {
  let connections = 0;
  const server = createTlsServer(signedByOwnCa, (request, response) => {
    response.writeHead(Number(request.url?.split('/').at(-1))).end('[]');
  });
  server.on('secureConnection', () => (connections += 1));
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(() => {
    server.close();
    server.closeAllConnections();
  });
  return { port: (server.address() as AddressInfo).port, connections: () => connections };
}

/** Requests URLs in another process, started with this environment. */
async function getAll(urls: readonly string[], env: Record<string, string>): Promise<Answers> {
  const ca = join(await temporaryFolder(), 'ca.pem');
  writeFileSync(ca, ownCa);
  const { stdout } = await promisify(execFile)(
    process.execPath,
    ['--import', at('typescript.mjs'), at('get-process.ts'), ...urls],
    { env: { NODE_EXTRA_CA_CERTS: ca, ...env } },
  );
  return JSON.parse(stdout) as Answers;
}

function getThrough(
  { host }: Pick<ConnectProxy, 'host'>,
  { login = '', ...limit }: { login?: string; timeoutMs?: number } = {},
): Promise<unknown> {
  const url = new URL('https://api.example.test/status/200?caller=5551234');
  return getAnswer({ url, headers: {}, proxy: new URL(`http://${login}${host}`), ...limit }, () => true);
}

describe('requests through a proxy', () => {
  it('share a connection, unless NO_PROXY covers the host or it is this machine', async () => {
    const api = await startApi();
    const proxy = await startConnectProxy({ hosts: { 'api.example.test:443': api.port }, login: 'me:pass word@:1' });
    const ofApi = [200, 200, 407].map((status) => `https://api.example.test/status/${String(status)}`);
    const others = ['https://other.example.test/', `https://localhost:${String(api.port)}/`];

    const [first, second, third, direct, local] = await getAll([...ofApi, ...others], {
      https_proxy: `http://me:${encodeURIComponent('pass word@:1')}@${proxy.host}`,
      NO_PROXY: 'other.example.test',
    });

    expect([first, second, third]).toEqual([200, 200, 407]);
    expect(direct).toContain('could not resolve host other.example.test');
    expect(local).toContain('is for another host name');
    expect(proxy.asked).toEqual(['api.example.test:443']);
    expect(api.connections()).toBe(1);
  });

  it('trust no CA but those of NODE_EXTRA_CA_CERTS and the usual ones', async () => {
    const { port } = await startApi();
    const proxy = await startConnectProxy({ hosts: { 'api.example.test:443': port } });

    const request = getThrough(proxy);

    await expect(request).rejects.toThrow(/certificate of api\.example\.test is not trusted .* NODE_EXTRA_CA_CERTS/);
    await expect(request).rejects.toMatchObject({ kind: 'unavailable' });
  });
});

describe('a proxy', () => {
  it.each([
    [407, /demands another user or password \(407\)\. Set both in HTTPS_PROXY/],
    [403, /does not allow a connection to api\.example\.test:443 \(403\)\. .*NO_PROXY/],
    [502, /could not connect to api\.example\.test:443 \(502\)\. Check the host name in the base URL/],
    [302, /gave no answer of an HTTP proxy .*Check the host and port in HTTPS_PROXY/],
  ])('that refuses with %i is named, without user and password', async (status, words) => {
    const proxy = await startConnectProxy({ hosts: {}, status });

    const error: unknown = await getThrough(proxy, { login: 'some-user:some-password@' }).catch(
      (reason: unknown) => reason,
    );

    expect(error).toMatchObject({ kind: 'unavailable', status: null });
    expect(String(error)).toMatch(words);
    expect(String(error)).toContain(`GET https://api.example.test/status/200: the proxy ${proxy.host} (HTTPS_PROXY) `);
    expect(String(error)).not.toMatch(/some-user|some-password|5551234/);
  });

  it.each([
    ['', 'the proxy', 'did not connect to api.example.test:443 in time (ETIMEDOUT)'],
    ['HTTP/1.1 200 OK\r\n\r\n', 'could not connect to api.example.test (ETIMEDOUT)', 'Check the base URL'],
  ])('that is silent after %j is given up after ten seconds', async (beginning, ...words) => {
    const server = createServer();
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    onTestFinished(() => {
      vi.useRealTimers();
      server.close();
    });
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
    const request = getThrough({ host: `127.0.0.1:${String((server.address() as AddressInfo).port)}` });
    const failure = request.catch((reason: unknown) => String(reason));

    const [socket] = (await once(server, 'connection')) as [Socket];
    await once(socket, 'data');
    if (beginning !== '') {
      socket.write(beginning);
      await once(socket, 'data');
    }
    vi.advanceTimersByTime(10_000);

    for (const part of words) expect(await failure).toContain(part);
    await expect(request).rejects.toMatchObject({ kind: 'unavailable' });
    await once(socket, 'close');
  });

  it('that is silent is named within the time of a shorter request', async () => {
    const server = createServer((socket) => socket.on('error', () => undefined)).listen(0, '127.0.0.1');
    await once(server, 'listening');
    onTestFinished(() => {
      server.close();
    });
    const host = `127.0.0.1:${String((server.address() as AddressInfo).port)}`;

    await expect(getThrough({ host }, { timeoutMs: 1_000 })).rejects.toThrow(
      `the proxy ${host} (HTTPS_PROXY) did not connect to api.example.test:443 in time`,
    );
  });

  it('that cannot be reached is told from a target that cannot', async () => {
    const server = createServer((socket) => socket.once('data', () => socket.end('SSH-2.0-x\r\n')));
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    const host = `127.0.0.1:${String((server.address() as AddressInfo).port)}`;

    await expect(getThrough({ host })).rejects.toThrow(
      `the proxy ${host} (HTTPS_PROXY) gave no answer of an HTTP proxy`,
    );
    server.close();
    await once(server, 'close');

    await expect(getThrough({ host })).rejects.toThrow(
      `no connection to the proxy ${host} (HTTPS_PROXY): ${host} refused the connection (ECONNREFUSED). ` +
        'Check the host and port of HTTPS_PROXY: nothing answers there.',
    );
    await expect(getThrough({ host: 'no-such-proxy.invalid:1' })).rejects.toThrow(
      /could not resolve host no-such-proxy\.invalid:1 \(\w+\)\. Check the host name in HTTPS_PROXY/,
    );
  });
});
