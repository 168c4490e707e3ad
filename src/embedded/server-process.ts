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
 * A shell script that starts a watcher and then becomes the server. The watcher holds the other end of a pipe to us.
 * The pipe closes when we stop the server and when we die in any way. The watcher then sends SIGTERM and, after the
 * grace time, SIGKILL, unless it reads that the server has ended by itself (its pid may be another process's by then).
 * `$$` is the server's own pid, because `exec` keeps it.
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
const DEFAULT_START_LIMIT_MS = 60_000;
const SHOWN_LINES = 20;

export interface ServerProcessOptions {
  /** The name in messages and of the log: "temporal". */
  readonly name: string;
  /** A command on PATH or an absolute path, because it runs in the data folder. */
  readonly program: string;
  readonly args: readonly string[];
  /** Variables added to our environment. */
  readonly env?: Readonly<Record<string, string>>;
  /** The folder the server runs in, with its output in `logs/<name>.log`; null for a new temporary folder. */
  readonly dataDir: string | null;
  /** The time between SIGTERM and SIGKILL. Defaults to 10 s. */
  readonly graceMs?: number;
  /** The time in which the server must answer. Defaults to a minute. */
  readonly startLimitMs?: number;
  /** Resolves to true if the server answers; called repeatedly until then. */
  readonly isReady: () => Promise<boolean>;
}

export interface ServerProcess {
  readonly pid: number;
  readonly logFile: string;
  /** Resolves when the process has ended: to null after `stop`, else to an error with its last output. */
  readonly ended: Promise<Error | null>;
  /** Sends SIGTERM, and SIGKILL after the grace time. Resolves when the process has ended, also if it had before. */
  stop(): Promise<void>;
}

/**
 * Starts a server in a separate process group (a Ctrl-C in the terminal reaches only us) and resolves when it answers.
 * The server never outlives this process, even after a SIGKILL.
 * @throws an error with its last output, if it ends or does not answer in time; it is stopped then
 */
export async function startServerProcess(options: ServerProcessOptions): Promise<ServerProcess> {
  const logFile = await prepareLog(options);
  const server = spawnGuarded(options, logFile);
  // A broken pipe is ignored, because the exit reports it.
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
  throw failure ?? new Error(`Cannot start the ${options.name} server: the system could not create a process.`);
}

async function howItEnds(server: ChildProcess): Promise<string> {
  try {
    const [code, signal] = (await once(server, 'exit')) as [number | null, NodeJS.Signals | null];
    return code === null ? String(signal) : `exit code ${String(code)}`;
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}

interface Readiness extends Pick<ServerProcessOptions, 'name' | 'startLimitMs' | 'isReady'> {
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

async function becomesReady({ isReady, ended, name, logFile, ...limit }: Readiness): Promise<Error | null> {
  const { startLimitMs = DEFAULT_START_LIMIT_MS } = limit;
  const over = new AbortController();
  void ended.then(() => over.abort());
  const deadline = Date.now() + startLimitMs;
  while (Date.now() < deadline) {
    if (await isReady()) return null;
    if (over.signal.aborted) return ended;
    await sleep(50);
  }
  return serverError({ name, logFile, reason: `did not answer within ${startLimitMs / 1000} s` });
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

/** Returns the preferred port if it is free on the loopback address, else any free port. */
export async function freePort(preferred: number): Promise<number> {
  return getPort({ port: preferred, host: LOOPBACK });
}

/** True if something listens on this loopback port. */
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
