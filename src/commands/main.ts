import { readEnvironment } from '../settings/environment.js';
import { runCli } from './frame.js';
import { commands } from './table.js';
import { replaceClosedTerminals } from './terminal.js';

/** Runs one command line as this process; its exit code is set when it ends. */
export async function runMain(argv: readonly string[]): Promise<void> {
  process.once('exit', replaceClosedTerminals);
  const cwd = process.cwd();
  process.exitCode = await runCli({
    argv,
    env: readEnvironment({ cwd }),
    cwd,
    stdout: process.stdout,
    stderr: process.stderr,
    commands,
  });
}
