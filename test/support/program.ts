import { fileURLToPath } from 'node:url';
import { execa, type ResultPromise } from 'execa';
import { inject, onTestFinished } from 'vitest';
import type { FakeInvoca } from '../../src/sample/fake-invoca.js';

/** Path of the built program; global-setup.ts has built it from the current sources. */
const cli = fileURLToPath(new URL('../../dist/cli.js', import.meta.url));
const recipes = new URL('../../docs/recipes/', import.meta.url);
const terminal = fileURLToPath(new URL('./terminal.py', import.meta.url));

interface ProgramOptions {
  readonly cwd: string;
  readonly env: Record<string, string>;
  readonly extendEnv: false;
  readonly reject: false;
}

export type Program = ResultPromise<ProgramOptions>;

export interface Surroundings {
  readonly cwd: string;
  readonly env?: Record<string, string>;
}

/** Runs callweave as a separate process with the given settings only; kills it when the test ends. */
export function callweave(args: readonly string[], surroundings: Surroundings): Program {
  return nodeProgram([cli, ...args], surroundings);
}

/** Runs a file of docs/recipes in the same way. */
export function recipe([file, ...args]: readonly [string, ...string[]], surroundings: Surroundings): Program {
  return nodeProgram([fileURLToPath(new URL(file, recipes)), ...args], surroundings);
}

function nodeProgram(command: readonly string[], surroundings: Surroundings): Program {
  return runProgram('node', command, surroundings);
}

/** Runs a file, or a command on PATH, in the same way. */
export function runProgram(file: string, args: readonly string[], surroundings: Surroundings): Program {
  const running = execa(file, args, optionsOf(surroundings));
  onTestFinished(() => {
    running.kill('SIGKILL');
  });
  return running;
}

export interface OnTerminal {
  /** Returns everything the program has written so far, results and remarks. */
  readonly shown: () => string;
  /** Types `keys`. Resolves to the exit code when the program has ended, or 128 plus the number of the signal. */
  readonly type: (keys: string) => Promise<number | undefined>;
  /** Closes the terminal, as its window would. Resolves to the exit code, or 128 plus the number of the signal. */
  readonly closeTerminal: () => Promise<number | undefined>;
}

/** Runs callweave on a terminal with `columns` columns; kills it when the test ends. */
export function onTerminal(
  args: readonly string[],
  surroundings: Surroundings & { readonly columns: number },
): OnTerminal {
  return nodeOnTerminal([cli, ...args], surroundings);
}

/** Runs Node.js with these arguments as {@link onTerminal} runs callweave. */
export function nodeOnTerminal(
  args: readonly string[],
  { columns, ...surroundings }: Surroundings & { readonly columns: number },
): OnTerminal {
  const command = [terminal, String(columns), process.execPath, ...args];
  const program = execa(
    'python3',
    command,
    optionsOf({ ...surroundings, env: { ...surroundings.env, TERM: 'xterm' } }),
  );
  onTestFinished(() => {
    // terminal.py answers it with a SIGKILL to the program.
    program.kill('SIGTERM');
  });
  let shown = '';
  program.stdout.on('data', (chunk: Buffer) => (shown += chunk.toString()));
  return {
    shown: () => shown,
    type: async (keys) => {
      program.stdin.write(keys);
      return (await program).exitCode;
    },
    closeTerminal: async () => {
      program.stdin.end();
      return (await program).exitCode;
    },
  };
}

function optionsOf({ cwd, env = {} }: Surroundings): ProgramOptions {
  const surroundings = { PATH: process.env['PATH'] ?? '', HOME: process.env['HOME'] ?? '', ...env };
  return { cwd, env: surroundings, extendEnv: false, reject: false };
}

/** Waits until stderr contains `words`. Throws with the text of stderr if the program ends before that. */
export async function untilSaid(program: Program, words: string | RegExp): Promise<void> {
  let said = '';
  const heard = new Promise<void>((resolve) => {
    program.stderr.on('data', (chunk: Buffer) => {
      said += chunk.toString();
      if (typeof words === 'string' ? said.includes(words) : words.test(said)) resolve();
    });
  });
  const ended = program.then(() => {
    throw new Error(`The program ended without writing "${String(words)}" to stderr. It wrote:\n${said}`);
  });
  await Promise.race([heard, ended]);
  ended.catch(() => undefined);
}

/** Settings of an account that reads the fake API. */
export function invocaSettings(invoca: FakeInvoca, account: string): Record<string, string> {
  return {
    INVOCA_BASE_URL: invoca.baseUrl,
    INVOCA_ID: invoca.networkId,
    INVOCA_TOKEN: invoca.token,
    INVOCA_ACCOUNT: account,
    INVOCA_REQUESTS_PER_SECOND: '1000',
  };
}

/** Settings that name the run's servers. */
export function serverSettings({
  namespace,
  database,
}: {
  namespace: string;
  database: string;
}): Record<string, string> {
  return {
    TEMPORAL_ADDRESS: inject('temporalAddress'),
    TEMPORAL_NAMESPACE: namespace,
    MONGODB_URI: inject('mongodbUri'),
    MONGODB_DATABASE: database,
  };
}
