import { randomUUID } from 'node:crypto';
import { link, mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { isProcessAlive } from '../process/process-alive.js';

/** Lock files that this process holds. Any other file with our pid is from an earlier process of the same number. */
const heldHere = new Set<string>();

const LEFT_SERVER_LIMIT_MS = 15_000;

interface LockContent {
  readonly pid: number;
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
  while (!(await tryCreate(file))) {
    const holder = await readLock(file);
    if (holder !== null && isHolderAlive(file, holder)) throw heldError({ file, dataDir, name, pid: holder.pid });
    if (holder?.serverPid != null) await waitForServerLeft({ file, dataDir, name, pid: holder.serverPid });
    await rm(file, { force: true });
  }
  heldHere.add(file);
  return {
    async nameServer(serverPid) {
      await rename(await writeDraft(file, { pid: process.pid, serverPid }), file);
    },
    async release() {
      heldHere.delete(file);
      await rm(file, { force: true });
    },
  };
}

async function tryCreate(file: string): Promise<boolean> {
  const draft = await writeDraft(file, { pid: process.pid, serverPid: null });
  try {
    await link(draft, file);
    return true;
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'EEXIST') return false;
    throw error;
  } finally {
    await rm(draft);
  }
}

/** Writes a complete file to link or rename, so that no reader sees half a lock and takes it for abandoned. */
async function writeDraft(file: string, content: LockContent): Promise<string> {
  const draft = `${file}.${randomUUID()}`;
  await writeFile(draft, JSON.stringify(content));
  return draft;
}

/** Reads a lock; null if the file is gone or not readable. */
async function readLock(file: string): Promise<LockContent | null> {
  try {
    return JSON.parse(await readFile(file, 'utf8')) as LockContent;
  } catch {
    return null;
  }
}

function isHolderAlive(file: string, { pid }: LockContent): boolean {
  return pid === process.pid ? heldHere.has(file) : isProcessAlive(pid);
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
