import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, openSync } from 'node:fs';
import { mkdir, mkdtemp, readFile, rename, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { connect } from 'node:net';
import getPort from 'get-port';

/**
 * Becomes the server, after leaving a watcher behind that holds the other end of a pipe to us. The pipe closes when we
 * stop the server and when we die, however we die; the watcher then sends SIGTERM and, after the grace time, SIGKILL,
 * unless it reads that the server has gone by itself (its number may be another process's by then).
 * `$$` is the server's own pid there, because `exec` keeps it.
 */
const GUARD = `
ticks=$1; shift
exec 3<&0 </dev/null
(
  trap '' HUP INT QUIT TERM
  read -r word <&3
  [ "$word" = gone ] && exit
  kill -TERM $$
  while [ "$ticks" -gt 0 ]; do
    kill -0 $$ || exit
    sleep 0.1
    ticks=$((ticks - 1))
  done
  kill -KILL $$
) >/dev/null 2>&1 &
while [ "$1" != -- ]; do export "$1"; shift; done
shift
exec "$@" 3<&-
`;

const TICK_MS = 100;
const STOP_GRACE_MS = 10_000;
const START_LIMIT_MS = 60_000;
const SHOWN_LINES = 20;

export interface ServerProcessOptions {
  /** For messages and the log's name: "temporal". */
  readonly name: string;
  /** A command on PATH, or an absolute path: it runs in the data folder. */
  readonly program: string;
  readonly args: readonly string[];
  /** Added to our own environment. */
  readonly env?: Readonly<Record<string, string>>;
  /**
   * The folder the server runs in; its output goes to `<dataDir>/logs/<name>.log`, with null to a new temporary folder.
   */
  readonly dataDir: string | null;
  /** Between SIGTERM and SIGKILL. Default: 10 s. */
  readonly graceMs?: number;
  /** Resolves to true once the server answers; asked again and again until then. */
  readonly isReady: () => Promise<boolean>;
}

export interface ServerProcess {
  readonly pid: number;
  readonly logFile: string;
  /**
   * Resolves when the process is gone: to null after `stop`, to an error with its last output when it ended unasked.
   */
  readonly ended: Promise<Error | null>;
  /** SIGTERM, then SIGKILL after the grace time; resolves once the process is gone, also when it was gone before. */
  stop(): Promise<void>;
}

/**
 * Starts a server in a process group of its own (a Ctrl-C in the terminal reaches only us) and resolves once it
 * answers. It never outlives this process, not even a SIGKILL of it. Throws, with the server gone, when it does not
 * come up.
 */
export async function startServerProcess(options: ServerProcessOptions): Promise<ServerProcess> {
  const logFile = await prepareLog(options);
  const server = spawnGuarded(options, logFile);
  // That the pipe breaks is told by the exit.
  server.stdin?.on('error', () => undefined);
  let isStopping = false;
  const ended = howItEnds(server).then(async (how) => {
    server.stdin?.end('gone\n');
    return isStopping ? null : serverError({ name: options.name, logFile, reason: `ended by itself (${how})` });
  });
  async function end(): Promise<void> {
    isStopping = true;
    server.stdin?.end();
    await ended;
  }
  async function stop(): Promise<void> {
    await end();
    if (options.dataDir === null) await rm(dirname(logFile), { recursive: true, force: true });
  }

  const failure = await Promise.race([ended, becomesReady({ ...options, logFile, ended })]);
  if (failure === null && server.pid !== undefined) return { pid: server.pid, logFile, ended, stop };
  await end();
  throw failure ?? new Error(`Cannot start the ${options.name} server: the system gave it no process.`);
}

async function howItEnds(server: ChildProcess): Promise<string> {
  try {
    const [code, signal] = (await once(server, 'exit')) as [number | null, NodeJS.Signals | null];
    return code === null ? String(signal) : `exit code ${String(code)}`;
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}

interface Readiness extends Pick<ServerProcessOptions, 'name' | 'isReady'> {
  readonly logFile: string;
  readonly ended: Promise<Error | null>;
}

function spawnGuarded(options: ServerProcessOptions, logFile: string): ChildProcess {
  const { program, args, env = {}, dataDir, graceMs = STOP_GRACE_MS } = options;
  const ticks = Math.ceil(graceMs / TICK_MS);
  const log = openSync(logFile, 'w');
  try {
    const settings = Object.entries(env).map(([name, value]) => `${name}=${value}`);
    return spawn('sh', ['-c', GUARD, 'sh', String(ticks), ...settings, '--', program, ...args], {
      cwd: dataDir ?? dirname(logFile),
      stdio: ['pipe', log, log],
      detached: true,
    });
  } finally {
    closeSync(log);
  }
}

async function becomesReady({ isReady, ended, name, logFile }: Readiness): Promise<Error | null> {
  const over = new AbortController();
  void ended.then(() => over.abort());
  const deadline = Date.now() + START_LIMIT_MS;
  while (Date.now() < deadline) {
    if (await isReady()) return null;
    if (over.signal.aborted) return ended;
    await sleep(50);
  }
  return serverError({ name, logFile, reason: `did not answer within ${START_LIMIT_MS / 1000} s` });
}

async function prepareLog({ name, dataDir }: ServerProcessOptions): Promise<string> {
  if (dataDir === null) return join(await mkdtemp(join(tmpdir(), 'callweave-')), `${name}.log`);
  const folder = join(dataDir, 'logs');
  await mkdir(folder, { recursive: true });
  const logFile = join(folder, `${name}.log`);
  await rename(logFile, join(folder, `${name}.previous.log`)).catch((error: unknown) => {
    if (!isMissing(error)) throw error;
  });
  return logFile;
}

function isMissing(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === 'ENOENT';
}

async function serverError({
  name,
  reason,
  logFile,
}: {
  name: string;
  reason: string;
  logFile: string;
}): Promise<Error> {
  const output = (await readFile(logFile, 'utf8')).trimEnd();
  const lastLines = output.split('\n').slice(-SHOWN_LINES).join('\n');
  const said = output === '' ? 'It wrote nothing.' : `Its last output:\n${lastLines}`;
  return new Error(`The ${name} server ${reason}. Its log is ${logFile}. ${said}`);
}

export const LOOPBACK = '127.0.0.1';

/** The preferred port when it is free on the loopback address, else any free one. */
export async function freePort(preferred: number): Promise<number> {
  return getPort({ port: preferred, host: LOOPBACK });
}

/** Whether something listens on that loopback port now. */
export async function isListening(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ host: LOOPBACK, port });
    socket.once('connect', () => {
      socket.destroy();
      resolve(true);
    });
    socket.once('error', () => {
      resolve(false);
    });
  });
}
