import type { Command } from 'commander';
import { envExample, settingsMarkdown } from '../settings/docs.js';
import type { CommandContext } from './kit/context.js';
import { createProgram, loadCommand, runnablesOf } from './kit/frame.js';
import { createOutput } from './kit/output.js';
import { commands } from './table.js';

export interface GeneratedDocs {
  /** The given README with its generated parts renewed, not yet formatted. */
  readonly readme: string;
  readonly envExample: string;
}

/** Renews what stands between `<!-- settings:begin -->` and `<!-- settings:end -->`, and the same for `commands`. */
export async function generateDocs({ readme }: { readme: string }): Promise<GeneratedDocs> {
  const withSettings = replacePart({ text: readme, part: 'settings', by: settingsMarkdown() });
  const withCommands = replacePart({ text: withSettings, part: 'commands', by: await commandsMarkdown() });
  return { readme: withCommands, envExample: envExample() };
}

function replacePart({ text, part, by }: { text: string; part: string; by: string }): string {
  const begin = `<!-- ${part}:begin -->`;
  const end = `<!-- ${part}:end -->`;
  const beginAt = text.indexOf(begin);
  const endAt = text.indexOf(end);
  if (beginAt < 0 || endAt < beginAt)
    throw new Error(`README.md has lost its markers ${begin} and ${end}: put them back`);
  return `${text.slice(0, beginAt)}${begin}\n\n${by}\n\n${text.slice(endAt)}`;
}

/** The help of every command as Markdown, as `--help` shows it. */
async function commandsMarkdown(): Promise<string> {
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
