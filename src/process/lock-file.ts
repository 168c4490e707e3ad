import { randomUUID } from 'node:crypto';
import { link, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { isProcessAlive } from './process-alive.js';

/** Lock files that this process holds. Any other file with our pid is from an earlier process of the same number. */
const heldHere = new Set<string>();

/** Content of a lock: the process that holds it; holders may add more. */
export interface LockContent {
  readonly pid: number;
}

export interface FileLock<Content extends LockContent> {
  rewrite(content: Content): Promise<void>;
  release(): Promise<void>;
}

/**
 * Takes a lock of this computer: the file, which must not be used for anything else, names the process that holds it.
 * A lock whose holder has died is removed, after `onAbandoned`.
 * @throws the error of `heldError` if a living process holds it
 */
export async function takeLock<Content extends LockContent>({
  file,
  content,
  heldError,
  onAbandoned = () => Promise.resolve(),
}: {
  /** Absolute path. */
  file: string;
  content: Content;
  heldError: (holder: Content) => Error;
  onAbandoned?: (holder: Content) => Promise<void>;
}): Promise<FileLock<Content>> {
  while (!(await tryCreate(file, content))) {
    const found = await readText(file);
    const holder = found === null ? null : (contentOf(found) as Content | null);
    if (holder !== null && isHolderAlive(file, holder)) throw heldError(holder);
    if (holder !== null) await onAbandoned(holder);
    if (found !== null) await removeAsFound(file, found);
  }
  heldHere.add(file);
  return {
    async rewrite(changed) {
      await rename(await writeDraft(file, changed), file);
    },
    async release() {
      heldHere.delete(file);
      await rm(file, { force: true });
    },
  };
}

async function tryCreate(file: string, content: LockContent): Promise<boolean> {
  const draft = await writeDraft(file, content);
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

/** Removes an abandoned lock, but puts back what another process has made of it meanwhile. */
async function removeAsFound(file: string, found: string): Promise<void> {
  const aside = `${file}.${randomUUID()}`;
  try {
    await rename(file, aside);
  } catch {
    return;
  }
  if ((await readText(aside)) !== found) await link(aside, file).catch(() => undefined);
  await rm(aside);
}

/** Reads a lock; null if the file is gone or not readable. */
async function readText(file: string): Promise<string | null> {
  return readFile(file, 'utf8').catch(() => null);
}

function contentOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}

function isHolderAlive(file: string, { pid }: LockContent): boolean {
  return pid === process.pid ? heldHere.has(file) : isProcessAlive(pid);
}
