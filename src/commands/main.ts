import { UsageError } from '../settings/errors.js';
import { readEnvironment } from '../settings/files/environment.js';
import { takeSecretsOut, withoutSecrets } from '../process/secrets.js';
import { EXIT, type ExitCode } from './kit/exit-codes.js';
import { runCli } from './kit/frame.js';
import { createOutput } from './kit/output.js';
import { commands } from './table.js';
import { replaceClosedTerminals } from './kit/terminal.js';

/** Time for the process to end by itself. A connection to a silent server would keep it alive until its timeout. */
const END_WITHIN_MS = 500;

/** Runs one command line as this process, and ends the process with its exit code. */
export async function runMain(argv: readonly string[]): Promise<void> {
  process.once('exit', replaceClosedTerminals);
  keepSecretsFrom(process.stderr);
  // Node.js does not write its report of such an error to `process.stderr`.
  process.on('uncaughtExceptionMonitor', takeSecretsOut);
  process.exitCode = await run(argv);
  setTimeout(() => process.exit(), END_WITHIN_MS).unref();
}

async function run(argv: readonly string[]): Promise<ExitCode> {
  const cwd = process.cwd();
  const { stdout, stderr } = process;
  try {
    return await runCli({ argv, env: readEnvironment({ cwd }), cwd, stdout, stderr, commands });
  } catch (error) {
    if (!(error instanceof UsageError)) throw error;
    createOutput({ stdout, stderr }).note(`error: ${error.message}`);
    return EXIT.usage;
  }
}

/** Redacts what libraries write to the stream (as with `console.warn`), because they quote their input. */
function keepSecretsFrom(stream: NodeJS.WriteStream): void {
  const write = stream.write.bind(stream) as (chunk: unknown, ...rest: unknown[]) => boolean;
  stream.write = (chunk: unknown, ...rest: unknown[]) =>
    write(typeof chunk === 'string' ? withoutSecrets(chunk) : chunk, ...rest);
}
