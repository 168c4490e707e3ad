import { fileURLToPath } from 'node:url';
import { execa, type ResultPromise } from 'execa';
import { inject, onTestFinished } from 'vitest';
import type { FakeInvoca } from '../../src/sample/fake-invoca.js';

/** As built: the test run has seen to it that the build is of the sources as they are. */
const cli = fileURLToPath(new URL('../../dist/cli.js', import.meta.url));
const terminal = fileURLToPath(new URL('./terminal.py', import.meta.url));

interface ProgramOptions {
  readonly cwd: string;
  readonly env: Record<string, string>;
  readonly extendEnv: false;
  readonly reject: false;
}

export type Program = ResultPromise<ProgramOptions>;

interface Surroundings {
  readonly cwd: string;
  readonly env?: Record<string, string>;
}

/** Runs callweave as a process of its own, with no settings but those given; it does not outlive the test. */
export function callweave(args: readonly string[], surroundings: Surroundings): Program {
  const program = execa('node', [cli, ...args], optionsOf(surroundings));
  onTestFinished(() => {
    program.kill('SIGKILL');
  });
  return program;
}

export interface OnTerminal {
  /** What the program has written so far, remarks and results alike. */
  readonly shown: () => string;
  /** As closing the window does. Resolves to the exit code of the program, or 128 plus the number of its signal. */
  readonly closeTerminal: () => Promise<number | undefined>;
}

/** As callweave, on a terminal that has so many columns. */
export function onTerminal(
  args: readonly string[],
  { columns, ...surroundings }: Surroundings & { readonly columns: number },
): OnTerminal {
  const command = [terminal, String(columns), process.execPath, cli, ...args];
  const program = execa(
    'python3',
    command,
    optionsOf({ ...surroundings, env: { ...surroundings.env, TERM: 'xterm' } }),
  );
  onTestFinished(() => {
    // It passes that on as a SIGKILL.
    program.kill('SIGTERM');
  });
  let shown = '';
  program.stdout.on('data', (chunk: Buffer) => (shown += chunk.toString()));
  return {
    shown: () => shown,
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

/** Resolves once the program has said it, on stderr; fails with what it said instead when it ends before. */
export async function untilSaid(program: Program, words: string | RegExp): Promise<void> {
  let said = '';
  const heard = new Promise<void>((resolve) => {
    program.stderr.on('data', (chunk: Buffer) => {
      said += chunk.toString();
      if (typeof words === 'string' ? said.includes(words) : words.test(said)) resolve();
    });
  });
  const ended = program.then(() => {
    throw new Error(`The program ended without saying "${String(words)}". It said:\n${said}`);
  });
  await Promise.race([heard, ended]);
  ended.catch(() => undefined);
}

/** The settings of an account that reads the fake API. */
export function invocaSettings(invoca: FakeInvoca, account: string): Record<string, string> {
  return {
    INVOCA_BASE_URL: invoca.baseUrl,
    INVOCA_ID: invoca.networkId,
    INVOCA_TOKEN: invoca.token,
    INVOCA_ACCOUNT: account,
    INVOCA_REQUESTS_PER_SECOND: '1000',
  };
}

/** The settings of the run's servers. */
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
