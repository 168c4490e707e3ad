/** Programs in processes of their own, and what they use. */
import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import getPort, { portNumbers } from 'get-port';

/** Starts a Node.js program as `startProcess` does. */
export function startProgram({ program, args = [], ...options }) {
  return startProcess({ command: process.execPath, args: [program, ...args], ...options });
}

/**
 * Starts a command with nothing in its environment but PATH, HOME and `env`, as our user unless `uid` and `gid` name another
 * one. Its stderr is ours. `exit` resolves to its exit code, or the name of the signal that ended it.
 */
export function startProcess({ atEnd, command, args = [], env = {}, cwd, uid, gid }) {
  const { PATH, HOME } = process.env;
  const started = spawn(command, args, {
    cwd,
    uid,
    gid,
    env: { PATH, HOME, ...env },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  started.stdout.setEncoding('utf8');
  // Also if this process ends without its cleanups.
  const kill = () => started.kill();
  process.once('exit', kill);
  started.once('exit', () => process.off('exit', kill));
  const exit = once(started, 'exit').then(([code, signal]) => code ?? signal);
  const stop = async () => {
    started.kill();
    await exit;
  };
  atEnd(stop);
  return {
    pid: started.pid,
    stdout: started.stdout,
    exit,
    stop,
    hasEnded: () => started.exitCode !== null || started.signalCode !== null,
  };
}

/** Returns the first line that a program writes. Throws if it ends before that. */
export async function firstLine({ stdout, exit }) {
  let text = '';
  const read = (async () => {
    for await (const chunk of stdout.iterator({ destroyOnReturn: false })) {
      text += chunk;
      if (text.includes('\n')) return text.slice(0, text.indexOf('\n'));
    }
    throw new Error(`A program ended (${await exit}) before it wrote a line; its reason is above.`);
  })();
  return read;
}

/** Runs a program to its end and returns what it wrote to stdout. Throws if it fails. */
export async function runProgram(options) {
  const { stdout, exit } = startProgram(options);
  let text = '';
  for await (const chunk of stdout) text += chunk;
  const code = await exit;
  if (code !== 0) throw new Error(`${options.program} ended with ${code}; its reason is above.`);
  return text;
}

/** Returns the CPU time that a process has used, in seconds. */
export function cpuSeconds(pid) {
  const ticks = readFileSync(`/proc/${pid}/stat`, 'utf8')
    .replace(/^.*\) /s, '')
    .split(' ');
  return (Number(ticks[11]) + Number(ticks[12])) / ticksPerSecond();
}

/** Returns the most memory that a process has had, in MiB. */
export function peakMemoryMib(pid) {
  const [, kib] = /^VmHWM:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'));
  return Number(kib) / 1_024;
}

function ticksPerSecond() {
  return Number(execFileSync('getconf', ['CLK_TCK'], { encoding: 'utf8' }));
}

/**
 * Returns a free port below those that systems give to outgoing connections, of which the bench makes many: one of them
 * could take the port before its server does.
 */
export async function freePort() {
  return getPort({ port: portNumbers(20_000, 30_000) });
}
