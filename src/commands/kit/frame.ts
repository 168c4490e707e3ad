import { readFileSync } from 'node:fs';
import { Command, CommanderError, type OutputConfiguration } from 'commander';
import { SettingsError, UsageError } from '../../settings/errors.js';
import type { Environment } from '../../settings/read-group.js';
import type { CommandContext, Register } from './context.js';
import { withExamples, jsonOption } from './help.js';
import { EXIT, type ExitCode } from './exit-codes.js';
import { createOutput, type Output } from './output.js';
import type { OutputStream } from './terminal.js';

/** An entry of the command table. The modules of a command are loaded only when it is called. */
export interface CommandEntry {
  readonly name: string;
  /** Completes "This command will …", for the list in `callweave --help`. */
  readonly summary: string;
  /** Anchor of its part of `docs/operations.md`. */
  readonly guide: string;
  readonly load: () => Promise<{ readonly register: Register }>;
}

export interface CliInput {
  readonly argv: readonly string[];
  readonly env: Environment;
  readonly cwd: string;
  readonly stdout: OutputStream;
  readonly stderr: OutputStream;
  readonly commands: readonly CommandEntry[];
}

/**
 * Runs one command line to its end and returns its exit code. Results go to stdout, everything else to stderr. An error
 * is printed as one readable block, with its stack only if the log level is debug or trace.
 */
export async function runCli({ argv, env, cwd, stdout, stderr, commands }: CliInput): Promise<ExitCode> {
  const output = createOutput({ stdout, stderr });
  let exitCode: ExitCode = EXIT.done;
  const context: CommandContext = {
    env,
    cwd,
    output,
    action: (handler) =>
      async function run(...args) {
        exitCode = await handler(...args);
      },
  };
  const helpOutput: OutputConfiguration = {
    writeOut: (text) => output.print(text.replace(/\n$/, '')),
    writeErr: (text) => output.note(text.replace(/\n$/, '')),
    getOutHelpWidth: () => stdout.columns ?? 100,
    getErrHelpWidth: () => stderr.columns ?? 100,
  };
  const program = createProgram({ commands, context, helpOutput });
  const report = (error: unknown): Promise<ExitCode> => reportError({ error, env, output });
  const ended = await program.parseAsync(helpInPlaceOfHelpCommand(argv), { from: 'user' }).then(() => exitCode, report);
  return output.written().then(() => ended, report);
}

/** Creates the program with all commands by name. Each gets its options when it is called, or by `loadCommand`. */
export function createProgram({
  commands,
  context,
  helpOutput,
}: {
  commands: readonly CommandEntry[];
  context: CommandContext;
  helpOutput: OutputConfiguration;
}): Command {
  const program = new Command('callweave')
    .description('Drain call-tracking APIs into one merged MongoDB document per call.')
    .version(readVersion())
    .helpCommand(false)
    .enablePositionalOptions()
    .exitOverride()
    .configureOutput(helpOutput);
  withExamples(program, {
    reads: ['callweave status # how fresh, how many, what needs a person', 'callweave call show 272C-5E851AF64FA0'],
    others: ['callweave cursor --help # what a command does, with examples'],
  });
  program.addHelpText(
    'after',
    '\nExit codes: 0 done, 1 failed, 2 wrong usage or settings, 3 done but something needs a person.',
  );
  for (const { name, summary } of commands) program.command(name).description(summary);
  return program.hook('preSubcommand', async (_, command) => {
    const entry = commands.find(({ name }) => name === command.name());
    if (entry !== undefined && command.parent === program) await loadCommand({ command, entry, context });
  });
}

/** Adds the arguments, options and subcommands of a command, and `--json` to each that can be run. */
export async function loadCommand({
  command,
  entry,
  context,
}: {
  command: Command;
  entry: CommandEntry;
  context: CommandContext;
}): Promise<void> {
  const { register } = await entry.load();
  register(command.helpCommand(false), context);
  for (const runnable of runnablesOf(command)) runnable.addOption(jsonOption());
  for (const inner of command.commands) inner.summary(firstSentence(inner.description()));
}

/** Returns the commands that can be run. One that only groups others has no options. */
function runnablesOf(command: Command): Command[] {
  const isRunnable = command.commands.length === 0 || command.options.length > 0;
  return [...(isRunnable ? [command] : []), ...command.commands.flatMap(runnablesOf)];
}

function firstSentence(text: string): string {
  return text.split('. ', 1).join('').replace(/\.$/, '');
}

function helpInPlaceOfHelpCommand(argv: readonly string[]): string[] {
  return argv[0] === 'help' ? [...argv.slice(1), '--help'] : [...argv];
}

function readVersion(): string {
  const manifest: unknown = JSON.parse(readFileSync(new URL('../../../package.json', import.meta.url), 'utf8'));
  const hasVersion = typeof manifest === 'object' && manifest !== null && 'version' in manifest;
  return hasVersion ? String(manifest.version) : 'unknown';
}

async function reportError({
  error,
  env,
  output,
}: {
  error: unknown;
  env: Environment;
  output: Output;
}): Promise<ExitCode> {
  if (error instanceof CommanderError) {
    // Commander has printed it already. Help that was asked for is a result; help printed for a missing command is not.
    return error.exitCode === 0 ? EXIT.done : EXIT.usage;
  }
  if (error instanceof SettingsError) error.warnings.forEach(output.warn);
  output.note(`error: ${describeError(error)}`);
  if (error instanceof UsageError) return EXIT.usage;
  if (error instanceof Error && (await showsStacks(env))) output.note(error.stack ?? '');
  return EXIT.failed;
}

/** Returns the message of an error and of those causes that add something to it. */
function describeError(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const message = error.message === '' ? error.name : error.message;
  if (!(error.cause instanceof Error) || message.includes(error.cause.message)) return message;
  return `${message}\n  caused by: ${describeError(error.cause)}`;
}

async function showsStacks(env: Environment): Promise<boolean> {
  // Imported here, so that `--help` does not load the settings.
  const { loadSettings } = await import('../../settings/settings.js');
  try {
    return ['debug', 'trace'].includes(loadSettings({ env, needs: [] }).logLevel);
  } catch {
    return false;
  }
}
