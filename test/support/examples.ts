import type { Command } from 'commander';
import type { CommandContext } from '../../src/commands/kit/context.js';
import { examplesOf } from '../../src/commands/kit/help.js';
import { createProgram, loadCommand } from '../../src/commands/kit/frame.js';
import { createOutput } from '../../src/commands/kit/output.js';
import { commands } from '../../src/commands/table.js';
import { runCommandLine } from './run-cli.js';

/** The program, with a context in which commands do nothing but report that they were called. */
interface IdleProgram {
  readonly program: Command;
  /** Full names of the commands called, such as `callweave cursor show`. */
  readonly called: readonly string[];
}

const output = createOutput({ stdout: process.stdout, stderr: process.stderr });

/** Creates the program; what it writes is lost. */
export function idleProgram(): IdleProgram {
  const called: string[] = [];
  const program = createProgram({ commands, context: idleContext(called), helpOutput: { writeOut: () => undefined } });
  return { program, called };
}

function idleContext(called: string[]): CommandContext {
  return {
    env: {},
    cwd: '/nowhere',
    output,
    // Commander calls an action with the command last.
    action: () =>
      function report(...args) {
        called.push(fullName(args.at(-1) as Command));
        return Promise.resolve();
      },
  };
}

/** Returns the program and all its commands and subcommands, loaded. */
export async function allCommands(): Promise<Command[]> {
  const { program } = idleProgram();
  for (const entry of commands) {
    const command = program.commands.find((candidate) => candidate.name() === entry.name);
    if (command !== undefined) await loadCommand({ command, entry, context: idleContext([]) });
  }
  return [program, ...program.commands.flatMap((command) => [command, ...command.commands])];
}

export function fullName(command: Command): string {
  return command.parent === null ? command.name() : `${fullName(command.parent)} ${command.name()}`;
}

/** Splits an example into the words that a shell passes on; a redirection and a remark are left out. */
export function wordsOf(line: string): string[] {
  const [typed = ''] = line.split(/ [#>] /);
  return (typed.match(/"[^"]*"|\S+/g) ?? []).map((word) => word.replace(/^"(.*)"$/, '$1'));
}

interface ReadingExample {
  readonly line: string;
  /** 0, and 3 if the help of the command names it. */
  readonly exitCodes: readonly number[];
}

/** Returns the examples of all help screens that only read, each once. */
export async function readingExamples(): Promise<ReadingExample[]> {
  const all = await allCommands();
  const lines = all.flatMap((command) => examplesOf(command).reads.map((line) => line.split(' # ', 1).join('')));
  return [...new Set(lines)].map((line) => {
    const [, name, inner] = wordsOf(line);
    const command =
      all.find((candidate) => fullName(candidate) === `callweave ${name} ${inner}`) ??
      all.find((candidate) => fullName(candidate) === `callweave ${name}`);
    return { line, exitCodes: /exit\s+code\s+3/i.test(command?.helpInformation() ?? '') ? [0, 3] : [0] };
  });
}

/** Runs an example in a folder. `error` is the line of stderr that begins with "error: "; null if there is none. */
export async function endsOf(
  { line }: ReadingExample,
  cwd: string,
): Promise<{ exitCode: number; error: string | null }> {
  const [, ...argv] = wordsOf(line);
  const { exitCode, stderr } = await runCommandLine({ argv, cwd });
  return { exitCode, error: /^error: .*/m.exec(stderr)?.[0] ?? null };
}
