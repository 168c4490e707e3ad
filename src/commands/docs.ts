import type { Command } from 'commander';
import type { CommandContext } from './kit/context.js';
import { createProgram, runnablesOf, loadCommand } from './kit/frame.js';
import type { CommandEntry } from './kit/frame.js';
import { createOutput } from './kit/output.js';

/** The help of every command as Markdown, as `--help` shows it. */
export async function commandsMarkdown(commands: readonly CommandEntry[]): Promise<string> {
  const context = idleContext();
  const program = createProgram({ commands, context, helpOutput: { getOutHelpWidth: () => 100 } });
  const parts = [block(program.helpInformation())];
  for (const entry of commands) {
    const command = program.commands.find((candidate) => candidate.name() === entry.name);
    if (command === undefined) continue;
    await loadCommand({ command, entry, context });
    parts.push(
      ...runnablesOf(command).map(
        (runnable) => `### \`${fullName(runnable)}\`\n\n${block(runnable.helpInformation())}`,
      ),
    );
  }
  return parts.join('\n\n');
}

function fullName(command: Command): string {
  return command.parent === null ? command.name() : `${fullName(command.parent)} ${command.name()}`;
}

function block(help: string): string {
  return `\`\`\`text\n${help.trimEnd()}\n\`\`\``;
}

/** For commands that are described and not run. */
function idleContext(): CommandContext {
  const { stdout, stderr } = process;
  const output = createOutput({ stdout, stderr });
  return { env: {}, cwd: '.', output, action: () => () => Promise.resolve() };
}
