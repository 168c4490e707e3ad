import { mkdir } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { type LockContent, takeLock } from '../process/lock-file.js';
import { isProcessAlive } from '../process/process-alive.js';

const LEFT_SERVER_LIMIT_MS = 15_000;

interface ServerLock extends LockContent {
  readonly serverPid: number | null;
}

export interface DataLock {
  /** Writes the server's process into the lock. If we die suddenly, the next start waits for that process to end. */
  nameServer(serverPid: number): Promise<void>;
  release(): Promise<void>;
}

/**
 * Takes `<dataDir>/<name>.lock` for this process and creates the folder if needed. If the holder has died, waits up to
 * 15 s for its server to end.
 * @throws an error that names the process, if a living one holds the lock
 */
export async function lockDataDir({ dataDir, name }: { dataDir: string; name: string }): Promise<DataLock> {
  const file = resolve(join(dataDir, `${name}.lock`));
  await mkdir(dataDir, { recursive: true });
  const lock = await takeLock<ServerLock>({
    file,
    content: { pid: process.pid, serverPid: null },
    heldError: ({ pid }) => heldError({ file, dataDir, name, pid }),
    onAbandoned: async ({ serverPid }) => {
      if (serverPid !== null) await waitForServerLeft({ file, dataDir, name, pid: serverPid });
    },
  });
  return {
    nameServer: (serverPid) => lock.rewrite({ pid: process.pid, serverPid }),
    release: () => lock.release(),
  };
}

async function waitForServerLeft(server: { file: string; dataDir: string; name: string; pid: number }): Promise<void> {
  const deadline = Date.now() + LEFT_SERVER_LIMIT_MS;
  while (isProcessAlive(server.pid)) {
    if (Date.now() > deadline) throw heldError(server);
    await sleep(100);
  }
}

function heldError({ file, dataDir, name, pid }: { file: string; dataDir: string; name: string; pid: number }): Error {
  return new Error(
    `Cannot start the ${name} server in ${dataDir}: process ${String(pid)} already runs one there. ` +
      `Stop that process or choose another data folder. If process ${String(pid)} has nothing to do with callweave, remove ${file}.`,
  );
}
