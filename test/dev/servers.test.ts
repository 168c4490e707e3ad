import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { once } from 'node:events';
import { expect, inject, it } from 'vitest';
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
