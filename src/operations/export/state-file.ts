import { type FileHandle, lstat, open, readFile, realpath, rename, stat } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import { type FileLock, type LockContent, takeLock } from '../../process/lock-file.js';
import { UsageError } from '../../settings/errors.js';

/** The export that a state file belongs to: another one would leave calls out if it continued from there. */
export interface ExportIdentity {
  readonly account: string;
  readonly database: string;
  readonly format: 'ndjson' | 'csv';
  readonly transcripts: boolean;
  readonly from: string | null;
  readonly to: string | null;
  /** Zone of `from` and `to`; null if they are. */
  readonly timeZone: string | null;
}

/** Changes that the reader of an export has: all before an instant, and some after it. */
export interface ExportState {
  /** Id that the server gave the collection of calls; null if there was none. */
  readonly collection: string | null;
  /** The next run begins with what changed at this instant or later. */
  readonly since: Date;
  /** Versions of calls that the reader has, among those changed since then. */
  readonly given: readonly string[];
}

export interface StateFile {
  /** Null if there is no file yet. */
  readonly state: ExportState | null;
  /**
   * Replaces the file, on the disk, by another state.
   * @throws UsageError if another run has changed the file meanwhile, which then stays as it is
   */
  save(state: ExportState): Promise<void>;
  close(): Promise<void>;
}

const KIND = 'callweave export state, version 1';
const OPTIONS = { format: '--format', transcripts: '--transcripts', from: '--from', to: '--to' } as const;

/**
 * Opens a state file, or the place where one is to be made, and keeps other runs from it until it is closed.
 * @throws UsageError if it cannot be used: a run has it, it belongs to another export, it cannot be read or replaced
 */
export async function openStateFile({
  path,
  identity,
}: {
  path: string;
  identity: ExportIdentity;
}): Promise<StateFile> {
  const file = await placeOf(path);
  const lock = await lockOf({ file, path });
  try {
    const text = await textOf({ file, path });
    return {
      state: text === null ? null : stateOf({ text, path, identity }),
      async save(state) {
        if ((await textOf({ file, path })) !== text)
          throw new UsageError(
            `did not move the state in ${path}, because another run moved it meanwhile: the next run repeats some calls`,
          );
        await replace(file, JSON.stringify({ kind: KIND, ...identity, ...state }));
      },
      close: () => lock.release(),
    };
  } catch (error) {
    await lock.release();
    throw error;
  }
}

/** Returns the file itself, if the path is a link to it. */
async function placeOf(path: string): Promise<string> {
  const found = await lstat(path).catch((error: unknown) => {
    if (isCode(error, 'ENOENT')) return null;
    throw unusable(path, error);
  });
  if (found === null) return resolve(path);
  const file = await realpath(path).catch((error: unknown) => {
    throw unusable(path, error);
  });
  if ((await stat(file)).isFile()) return file;
  throw new UsageError(`--state ${path} is not a file: name a file, which the first run makes`);
}

async function lockOf({ file, path }: { file: string; path: string }): Promise<FileLock<LockContent>> {
  // Not `.lock`, which may be a file of another program (`yarn.lock`): the lock replaces what it finds.
  const lockFile = `${file}.callweave-lock`;
  const heldError = ({ pid }: LockContent): Error =>
    new UsageError(
      `--state ${path} is in use by the export of process ${pid}: wait until it ends. If process ${pid} has nothing to ` +
        `do with callweave, remove ${lockFile}`,
    );
  return takeLock({ file: lockFile, content: { pid: process.pid }, heldError }).catch((error: unknown) => {
    throw error instanceof UsageError ? error : unusable(path, error);
  });
}

async function textOf({ file, path }: { file: string; path: string }): Promise<string | null> {
  return readFile(file, 'utf8').catch((error: unknown) => {
    if (isCode(error, 'ENOENT')) return null;
    throw unusable(path, error);
  });
}

function stateOf(input: { text: string; path: string; identity: ExportIdentity }): ExportState {
  const { text, path, identity } = input;
  const content = contentOf(text);
  if (content === null) {
    throw new UsageError(
      `--state ${path} is not a whole state file of callweave, and stays as it is: restore it; or name another file, ` +
        'and the next run gives all calls',
    );
  }
  const { state, identity: found } = content;
  const others = Object.entries(identity).filter(([name, value]) => !isDeepStrictEqual(found.get(name), value));
  if (others.length === 0) return state;
  const differences = others.map(([name, value]) => {
    const title = name in OPTIONS ? OPTIONS[name as keyof typeof OPTIONS] : name;
    return `${title} is ${shown(found.get(name))} there and ${shown(value)} here`;
  });
  throw new UsageError(
    `--state ${path} belongs to another export, and stays as it is: ${differences.join(', ')}. Repeat the options of ` +
      'that export, or name a file of its own for this one',
  );
}

function shown(value: unknown): string {
  return typeof value === 'string' || typeof value === 'boolean' ? String(value) : 'not set';
}

function contentOf(text: string): { state: ExportState; identity: Map<string, unknown> } | null {
  const fields = new Map<string, unknown>(Object.entries(objectOf(text)));
  const [kind, collection, since, given] = ['kind', 'collection', 'since', 'given'].map((name) => fields.get(name));
  const instant = typeof since === 'string' ? new Date(since) : null;
  if (kind !== KIND || instant === null || Number.isNaN(instant.getTime())) return null;
  if (collection !== null && typeof collection !== 'string') return null;
  if (!Array.isArray(given) || !given.every((version) => typeof version === 'string')) return null;
  return { state: { collection, since: instant, given }, identity: fields };
}

function objectOf(text: string): object {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null ? value : {};
  } catch {
    return {};
  }
}

/** Replaces the file so that a crash, of this computer too, leaves the old content or the new one. */
async function replace(file: string, text: string): Promise<void> {
  // The lock is ours, so no other run uses this name.
  const draft = `${file}.callweave-new`;
  await synced(await open(draft, 'w'), (handle) => handle.writeFile(`${text}\n`));
  await rename(draft, file);
  await synced(await open(dirname(file), 'r'), () => Promise.resolve());
}

async function synced(handle: FileHandle, use: (handle: FileHandle) => Promise<void>): Promise<void> {
  try {
    await use(handle);
    await handle.sync();
  } finally {
    await handle.close();
  }
}

function unusable(path: string, error: unknown): UsageError {
  const reason = error instanceof Error ? error.message : String(error);
  return new UsageError(
    `--state ${path} cannot be used: ${reason}. Name a file in a folder that this user may write in`,
  );
}

function isCode(error: unknown, code: string): boolean {
  return error instanceof Error && 'code' in error && error.code === code;
}
