import { PassThrough } from 'node:stream';
import { runCli, type CommandEntry } from '../../src/commands/kit/frame.js';
import { commands as allCommands } from '../../src/commands/table.js';
import type { Environment } from '../../src/settings/read-group.js';
import { readAll } from './read-all.js';

export interface CliRun {
  readonly exitCode: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** Most bytes of output that a run may write: they are read only after its end. */
const OUTPUT_LIMIT = 64 * 1024 * 1024;

/** Runs a command line in this process, with the given environment only. */
export async function runCommandLine({
  argv,
  env = {},
  cwd = '/nowhere',
  commands = allCommands,
}: {
  argv: readonly string[];
  env?: Environment;
  cwd?: string;
  commands?: readonly CommandEntry[];
}): Promise<CliRun> {
  const stdout = new PassThrough({ highWaterMark: OUTPUT_LIMIT });
  const stderr = new PassThrough();
  const exitCode = await runCli({ argv, env, cwd, stdout, stderr, commands });
  return { exitCode, stdout: readAll(stdout), stderr: readAll(stderr) };
}
