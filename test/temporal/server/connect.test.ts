import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { connect, createServer, type AddressInfo, type Socket } from 'node:net';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, inject, it, vi } from 'vitest';
import { connectWorker, withClient } from '../../../src/temporal/server/connect.js';
import { ownCa, signedByOwnCa } from '../../support/certificates.js';
import { startConnectProxy, startTlsRelay } from '../../support/connect-proxy.js';
import { startTemporalProxy } from '../../support/temporal-proxy.js';
import { quietRuntime } from '../../support/temporal-namespace.js';
import { temporaryFolder } from '../../support/temporary-folder.js';

const PROXIES = ['http_proxy', 'https_proxy', 'all_proxy', 'grpc_proxy'].flatMap((name) => [name, name.toUpperCase()]);

function portOf(address: string): number {
  return Number(address.split(':').at(-1));
}

describe('a Temporal on this machine', () => {
  it.each(PROXIES)('is not connected to through %s', async (proxy) => {
    const port = inject('temporalAddress').split(':').at(-1) ?? '';
    quietRuntime();
    vi.stubEnv(proxy, 'http://127.0.0.1:1');

    for (const address of [`127.0.0.1:${port}`, `localhost:${port}`]) {
      const ask = withClient(address, (client) => client.connection.workflowService.getSystemInfo({}));
      await expect(ask).resolves.toHaveProperty('serverVersion');
      await (await connectWorker(address)).close();
    }
  });
});

describe('a Temporal elsewhere', () => {
  it.each(['HTTPS_PROXY', 'https_proxy'])('is connected to through %s by client and worker', async (name) => {
    const hosts = { 'temporal.example.test:7233': portOf(inject('temporalAddress')) };
    const proxy = await startConnectProxy({ hosts, login: 'me:pass:@1' });
    quietRuntime();
    vi.stubEnv('TEMPORAL_ADDRESS', 'temporal.example.test');
    vi.stubEnv(name, `http://me:${encodeURIComponent('pass:@1')}@${proxy.host}`);

    const ask = withClient(null, (client) => client.connection.workflowService.getSystemInfo({}));

    await expect(ask).resolves.toHaveProperty('serverVersion');
    await (await connectWorker(null)).close();
    expect(proxy.asked).toEqual(['temporal.example.test:7233', 'temporal.example.test:7233']);
  });

  it('is trusted by client and worker if its CA is in NODE_EXTRA_CA_CERTS', async () => {
    const relay = await startTlsRelay(portOf(inject('temporalAddress')));
    const { host } = await startConnectProxy({ hosts: { 'temporal.example.test:7233': relay } });
    const path = join(await temporaryFolder(), 'ca.pem');
    writeFileSync(path, ownCa);
    quietRuntime();
    vi.stubEnv('TEMPORAL_ADDRESS', 'temporal.example.test:7233');
    vi.stubEnv('TEMPORAL_TLS', 'true');
    vi.stubEnv('HTTPS_PROXY', `http://${host}`);

    const refused = connectWorker(null);
    await expect(refused).rejects.toThrow(
      `Cannot reach Temporal at temporal.example.test:7233 through the proxy ${host} (HTTPS_PROXY). Check `,
    );
    vi.stubEnv('NODE_EXTRA_CA_CERTS', path);
    await (await connectWorker(null)).close();
    // Node.js did not read the variable when this process started: the client trusts the CA only if it is handed over.
    const ask = withClient(null, (client) => client.connection.workflowService.getSystemInfo({}));
    await expect(ask).resolves.toHaveProperty('serverVersion');
  });

  it('is connected to directly if NO_PROXY covers it', async () => {
    const { host, asked } = await startConnectProxy({ hosts: {} });
    quietRuntime();
    vi.stubEnv('TEMPORAL_ADDRESS', 'temporal.example.invalid:7233');
    vi.stubEnv('https_proxy', `http://${host}`);
    vi.stubEnv('no_proxy', 'temporal.example.invalid:7234');
    await expect(connectWorker(null)).rejects.toThrow(`through the proxy ${host}`);
    expect(asked).not.toHaveLength(0);
    const before = asked.length;
    vi.stubEnv('no_proxy', 'temporal.example.invalid:7233');

    await expect(connectWorker(null)).rejects.toThrow(/Temporal at temporal\.example\.invalid:7233\. Check/);

    expect(asked).toHaveLength(before);
  });
});

describe('a Temporal that becomes unreachable', () => {
  it('fails a request whose next attempt is due after the connection was closed', async () => {
    const gate = await openGate(inject('temporalAddress'));
    let request: Promise<unknown> = Promise.resolve();

    await withClient(gate.address, async (client) => {
      gate.shut();
      request = client.connection.workflowService.getSystemInfo({});
      request.catch(() => undefined);
      // The first attempt fails at once, so by now the request waits for a later one.
      await sleep(300);
    });

    await expect(request).rejects.toThrow(/UNAVAILABLE/);
  });
});

describe('a Temporal with TLS and API keys, as Temporal Cloud is', () => {
  it('is given the key and the namespace with each request of a client and of a worker', async () => {
    const asked: { path: string; key: string | undefined; namespace: unknown }[] = [];
    const address = await startTemporalProxy(() => null, {
      tls: signedByOwnCa,
      onRequest: (headers) => {
        const { ':path': path = '', authorization: key, 'temporal-namespace': namespace } = headers;
        asked.push({ path: path.replace(/^.*\//, ''), key, namespace });
      },
    });
    quietRuntime();
    vi.stubEnv('TEMPORAL_ADDRESS', address);
    vi.stubEnv('TEMPORAL_NAMESPACE', 'default');
    vi.stubEnv('TEMPORAL_API_KEY', 'sesame');
    vi.stubEnv('TEMPORAL_TLS_SERVER_CA_CERT_DATA', ownCa);
    vi.stubEnv('TEMPORAL_TLS_SERVER_NAME', 'calls.example.test');
    const query = { namespace: 'default' };

    await withClient(null, (client) => client.workflowService.countWorkflowExecutions(query));
    const connection = await connectWorker(null);
    await connection.workflowService.describeNamespace(query);
    await connection.close();

    expect(asked).toContainEqual({ path: 'CountWorkflowExecutions', key: 'Bearer sesame', namespace: 'default' });
    expect(asked).toContainEqual({ path: 'DescribeNamespace', key: 'Bearer sesame', namespace: 'default' });
    expect(asked.filter(({ key }) => key !== 'Bearer sesame')).toEqual([]);
  });
});

/** Starts a relay to the server that can be closed, after which nothing listens at its address. */
async function openGate(serverAddress: string): Promise<{ address: string; shut: () => void }> {
  const { hostname: host, port } = new URL(`http://${serverAddress}`);
  const sockets = new Set<Socket>();
  const gate = createServer((near) => {
    const far = connect(Number(port), host);
    for (const socket of [near, far]) sockets.add(socket.on('error', () => undefined));
    near.pipe(far).pipe(near);
  }).listen(0, '127.0.0.1');
  await once(gate, 'listening');
  return {
    address: `127.0.0.1:${String((gate.address() as AddressInfo).port)}`,
    shut: () => {
      gate.close();
      for (const socket of sockets) socket.destroy();
    },
  };
}
