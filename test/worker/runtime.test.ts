import { once } from 'node:events';
import { createServer } from 'node:net';
import { networkInterfaces } from 'node:os';
import { DefaultLogger } from '@temporalio/worker';
import getPort from 'get-port';
import { describe, expect, it, onTestFinished } from 'vitest';
import { withRuntime } from '../../src/worker/runtime.js';

const logger = new DefaultLogger('ERROR');
const hasIpv6 = Object.values(networkInterfaces()).some((all) => all?.some(({ address }) => address === '::1'));

describe('the metrics address', () => {
  it.each(['localhost', '127.0.0.1', '0.0.0.0', ...(hasIpv6 ? ['[::1]', '[::]'] : [])])(
    'may have the host %s',
    async (host) => {
      const metricsAddress = `${host}:${await getPort()}`;

      const status = await withRuntime({ logger, metricsAddress }, async () => {
        return (await fetch(`http://${metricsAddress.replace('0.0.0.0', '127.0.0.1')}/metrics`)).status;
      });

      expect(status).toBe(200);
    },
  );

  it('is named with its setting if the port is taken', async () => {
    const other = createServer().listen(await getPort(), '127.0.0.1');
    onTestFinished(() => void other.close());
    await once(other, 'listening');
    const { port } = other.address() as { port: number };
    const metricsAddress = `localhost:${port}`;

    await expect(withRuntime({ logger, metricsAddress }, () => Promise.resolve())).rejects.toThrow(
      new RegExp(
        `^Cannot serve the metrics at ${metricsAddress}: .*EADDRINUSE.*\\. ` +
          'Set CALLWEAVE_METRICS_ADDRESS to another host:port, or to off\\.$',
      ),
    );
  });

  it.each([
    ['no-such-host.invalid:9464', 'ENOTFOUND'],
    ['192.0.2.1:9464', 'EADDRNOTAVAIL'],
  ])('is named with its setting if it is not an address of this machine: %s', async (metricsAddress, code) => {
    const running = withRuntime({ logger, metricsAddress }, () => Promise.resolve());

    await expect(running).rejects.toThrow(code === 'ENOTFOUND' ? /ENOTFOUND|EAI_AGAIN/ : code);
    await expect(running).rejects.toThrow(`Cannot serve the metrics at ${metricsAddress}`);
    await expect(running).rejects.toThrow('CALLWEAVE_METRICS_ADDRESS');
  });
});
