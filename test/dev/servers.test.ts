import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { expect, inject, it, onTestFinished, vi } from 'vitest';
import { withDevServers } from '../../src/dev/servers.js';
import { temporaryFolder } from '../support/temporary-folder.js';

it('names a server that ended by itself, whatever then failed', { timeout: 60_000 }, async () => {
  const dataDir = await temporaryFolder();
  const given = { temporal: false, mongodbUri: inject('mongodbUri') };

  const ended = withDevServers({ dataDir, given, say: () => undefined }, async (_servers, crash) => {
    const { serverPid } = JSON.parse(readFileSync(join(dataDir, 'temporal.lock'), 'utf8')) as { serverPid: number };
    process.kill(serverPid, 'SIGKILL');
    await once(crash, 'abort');
    throw new Error('connection refused');
  });

  const logFile = join(dataDir, 'logs', 'temporal.log');
  await expect(ended).rejects.toThrow(`The temporal server ended by itself (SIGKILL). Its log is ${logFile}.`);
});

it('names the Web UI of a Temporal that it has not started only if one answers', async () => {
  const webUi = createServer((_, response) => response.end('a page')).listen(0, '127.0.0.1');
  await once(webUi, 'listening');
  onTestFinished(() => {
    webUi.close();
  });
  const { port } = webUi.address() as AddressInfo;
  vi.stubEnv('TEMPORAL_ADDRESS', `127.0.0.1:${port - 1_000}`);
  const input = { dataDir: 'unused', given: { temporal: true, mongodbUri: 'unused' }, say: () => undefined };
  const webUrl = (): Promise<string | null> => withDevServers(input, (servers) => Promise.resolve(servers.webUrl));

  expect(await webUrl()).toBe(`http://127.0.0.1:${port}`);
  webUi.close();
  webUi.closeAllConnections();
  await once(webUi, 'close');
  expect(await webUrl()).toBeNull();
});
