import { once } from 'node:events';
import { connect, createServer, type AddressInfo, type Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, describe, expect, inject, it, vi } from 'vitest';
import { connectWorker, withClient } from '../../../src/temporal/server/connect.js';
import { ownCa, signedByOwnCa } from '../../support/certificates.js';
import { startTemporalProxy } from '../../support/temporal-proxy.js';
import { quietRuntime } from '../../support/temporal-namespace.js';

const PROXIES = ['http_proxy', 'https_proxy', 'all_proxy', 'grpc_proxy'].flatMap((name) => [name, name.toUpperCase()]);

afterEach(() => {
  vi.unstubAllEnvs();
});

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
