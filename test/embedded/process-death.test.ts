import { spawn, type ChildProcessByStdio } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { createInterface, type Interface } from 'node:readline';
import type { Readable } from 'node:stream';
import { onTestFinished, describe, expect, it } from 'vitest';
import { startEmbeddedMongo } from '../../src/embedded/mongodb.js';
import { isAlive, untilGone } from '../support/processes.js';
import { temporaryFolder } from '../support/temporary-folder.js';

interface Program {
  readonly process: ChildProcessByStdio<null, Readable, null>;
  readonly lines: Interface;
  readonly servers: { readonly temporal: number; readonly mongodb: number };
}

async function startServersIn(dataDir: string): Promise<Program> {
  const loader = fileURLToPath(new URL('../support/typescript.mjs', import.meta.url));
  const program = fileURLToPath(new URL('./start-servers.ts', import.meta.url));
  const child = spawn(process.execPath, ['--import', loader, program, dataDir], {
    stdio: ['ignore', 'pipe', 'inherit'],
    detached: true,
  });
  const lines = createInterface(child.stdout);
  const died = once(child, 'exit').then(() =>
    Promise.reject(new Error('the program ended before its servers answered')),
  );
  const [line] = (await Promise.race([once(lines, 'line'), died])) as [string];
  const servers = JSON.parse(line) as Program['servers'];
  onTestFinished(async () => {
    child.kill('SIGKILL');
    await Promise.all([untilGone(servers.temporal), untilGone(servers.mongodb)]);
  });
  return { process: child, lines, servers };
}

describe('the servers of a program', { timeout: 60_000 }, () => {
  it('are gone after a SIGKILL of the program', async () => {
    const program = await startServersIn(await temporaryFolder());
    expect(isAlive(program.servers.temporal)).toBe(true);
    expect(isAlive(program.servers.mongodb)).toBe(true);

    program.process.kill('SIGKILL');

    await untilGone(program.servers.temporal);
    await untilGone(program.servers.mongodb);
  });

  it('do not notice a Ctrl-C that the program handles', async () => {
    const program = await startServersIn(await temporaryFolder());

    process.kill(-(program.process.pid ?? 0), 'SIGINT');
    await once(program.lines, 'line');

    expect(isAlive(program.servers.temporal)).toBe(true);
    expect(isAlive(program.servers.mongodb)).toBe(true);
  });

  it('end before the servers of a program that starts right after the SIGKILL', async () => {
    const dataDir = await temporaryFolder();
    const program = await startServersIn(dataDir);

    program.process.kill('SIGKILL');
    await once(program.process, 'exit');
    const next = await startEmbeddedMongo({ dataDir, say: () => undefined });
    onTestFinished(() => next.stop());

    expect(isAlive(program.servers.mongodb)).toBe(false);
  });

  it('refuse a second program in the same folder, naming the first', async () => {
    const dataDir = await temporaryFolder();
    const program = await startServersIn(dataDir);

    const second = startEmbeddedMongo({ dataDir, say: () => undefined });

    await expect(second).rejects.toThrow(`process ${String(program.process.pid)} already runs one there`);
    expect(isAlive(program.servers.mongodb)).toBe(true);
  });
});
