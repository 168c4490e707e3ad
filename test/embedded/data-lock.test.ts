import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { lockDataDir } from '../../src/embedded/data-lock.js';
import { temporaryFolder } from '../support/temporary-folder.js';

async function deadPid(): Promise<number> {
  const child = spawn('true');
  await once(child, 'exit');
  return child.pid ?? 0;
}

async function leaveLock(dataDir: string, content: object): Promise<void> {
  await writeFile(join(dataDir, 'thing.lock'), JSON.stringify(content));
}

describe('lockDataDir', () => {
  it('gives the lock to one of several simultaneous attempts', async () => {
    const dataDir = await temporaryFolder();

    const attempts = await Promise.allSettled(Array.from({ length: 8 }, () => lockDataDir({ dataDir, name: 'thing' })));

    expect(attempts.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
  });

  it('can be taken again after a release', async () => {
    const dataDir = await temporaryFolder();
    const lock = await lockDataDir({ dataDir, name: 'thing' });
    await lock.release();

    await expect(lockDataDir({ dataDir, name: 'thing' })).resolves.toBeDefined();
  });

  it('names the living process that has it, and the file to remove if that is a mistake', async () => {
    const dataDir = await temporaryFolder();
    await leaveLock(dataDir, { pid: process.ppid, serverPid: null });

    const attempt = lockDataDir({ dataDir, name: 'thing' });

    await expect(attempt).rejects.toThrow(
      `Cannot start the thing server in ${dataDir}: process ${String(process.ppid)}`,
    );
    await expect(attempt).rejects.toThrow(`remove ${join(dataDir, 'thing.lock')}`);
  });

  it('takes over from a process that died, even if it had our pid', async () => {
    const dataDir = await temporaryFolder();
    await leaveLock(dataDir, { pid: await deadPid(), serverPid: await deadPid() });
    await (await lockDataDir({ dataDir, name: 'thing' })).release();

    await leaveLock(dataDir, { pid: process.pid, serverPid: null });

    await expect(lockDataDir({ dataDir, name: 'thing' })).resolves.toBeDefined();
  });

  it('waits for the server of a dead process to end', async () => {
    const dataDir = await temporaryFolder();
    const server = spawn('sleep', ['60']);
    onTestFinished(() => void server.kill('SIGKILL'));
    await leaveLock(dataDir, { pid: await deadPid(), serverPid: server.pid });
    let isLocked = false;

    const lock = lockDataDir({ dataDir, name: 'thing' }).then(() => {
      isLocked = true;
    });
    await Promise.race([lock, new Promise((resolve) => setTimeout(resolve, 300))]);
    expect(isLocked).toBe(false);
    server.kill('SIGKILL');
    await lock;

    expect(isLocked).toBe(true);
  });
});
