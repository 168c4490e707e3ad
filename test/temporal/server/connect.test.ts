import { afterEach, describe, expect, inject, it, vi } from 'vitest';
import { connectWorker, withClient } from '../../../src/temporal/server/connect.js';
import { quietRuntime } from '../../support/temporal-namespace.js';

const PROXIES = ['http_proxy', 'https_proxy', 'all_proxy', 'grpc_proxy'].flatMap((name) => [name, name.toUpperCase()]);

afterEach(() => {
  vi.unstubAllEnvs();
});

describe('a Temporal on this machine', () => {
  it.each(PROXIES)('is not looked for through %s', async (proxy) => {
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
