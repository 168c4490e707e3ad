import { describe, expect, it } from 'vitest';
import { readFile } from 'node:fs/promises';
import { startServerProcess, type ServerProcess } from '../../src/embedded/server-process.js';
import { isAlive } from '../support/processes.js';
import { temporaryFolder } from '../support/temporary-folder.js';

/** Starts a script that is ready once it has written a line. */
async function startScript(script: string, dataDir: string): Promise<ServerProcess> {
  return startServerProcess({
    name: 'script',
    program: process.execPath,
    args: ['--eval', script],
    env: { GREETING: 'hello' },
    dataDir,
    graceMs: 300,
    isReady: async () => (await readFile(`${dataDir}/logs/script.log`, 'utf8')).includes('\n'),
  });
}

const STAY = 'setInterval(() => undefined, 1000);';

describe('startServerProcess', () => {
  it('lets the server end by itself on stop', async () => {
    const dataDir = await temporaryFolder();
    const script = `process.on('SIGTERM', () => { console.log('bye'); process.exit(0); }); console.log(process.env.GREETING); ${STAY}`;
    const server = await startScript(script, dataDir);

    await server.stop();

    expect(isAlive(server.pid)).toBe(false);
    expect(await server.ended).toBe(null);
    expect(await readFile(server.logFile, 'utf8')).toBe('hello\nbye\n');
  });

  it('kills a server that ignores SIGTERM', async () => {
    const server = await startScript(
      `process.on('SIGTERM', () => undefined); console.log(1); ${STAY}`,
      await temporaryFolder(),
    );

    await server.stop();

    expect(isAlive(server.pid)).toBe(false);
  });

  it('reports a server that ends later, with its last output', async () => {
    const script = `console.log('up'); process.stdin.resume(); setTimeout(() => { console.error('out of memory'); process.exit(7); }, 200);`;
    const server = await startScript(script, await temporaryFolder());

    const error = await server.ended;

    expect(error?.message).toBe(
      `The script server ended by itself (exit code 7). Its log is ${server.logFile}. Its last output:\nup\nout of memory`,
    );
    await server.stop();
  });

  it('stops a server that does not answer in time', async () => {
    const starting = startServerProcess({
      name: 'script',
      program: process.execPath,
      args: ['--eval', STAY],
      dataDir: await temporaryFolder(),
      startLimitMs: 100,
      isReady: () => Promise.resolve(false),
    });

    await expect(starting).rejects.toThrow('The script server did not answer within 0.1 s.');
  });

  it('says that a program does not exist', async () => {
    const dataDir = await temporaryFolder();

    const start = startServerProcess({
      name: 'none',
      program: '/no/such/program',
      args: [],
      dataDir,
      isReady: () => Promise.resolve(false),
    });

    await expect(start).rejects.toThrow(/ended by itself \(exit code 127\).*\/no\/such\/program/s);
  });

  it('keeps the log of the previous start', async () => {
    const dataDir = await temporaryFolder();
    await (await startScript(`console.log('first'); ${STAY}`, dataDir)).stop();

    await (await startScript(`console.log('second'); ${STAY}`, dataDir)).stop();

    expect(await readFile(`${dataDir}/logs/script.previous.log`, 'utf8')).toBe('first\n');
  });
});
