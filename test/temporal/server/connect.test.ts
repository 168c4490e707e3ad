import { once } from 'node:events';
import { connect, createServer, type AddressInfo, type Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, describe, expect, inject, it, vi } from 'vitest';
import { connectWorker, withClient } from '../../../src/temporal/server/connect.js';
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
