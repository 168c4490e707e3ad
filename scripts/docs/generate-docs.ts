import { fileURLToPath } from 'node:url';
import type { Command } from 'commander';
import { format, resolveConfig } from 'prettier';
import { fieldTables, schemaFile } from './document-files.js';
import { licencesTable } from './licences.js';
import { envExample, firstSettingsTable, settingsReference } from './setting-tables.js';
import type { CommandContext } from '../../src/commands/kit/context.js';
import { createProgram, loadCommand } from '../../src/commands/kit/frame.js';
import { createOutput } from '../../src/commands/kit/output.js';
import { commands } from '../../src/commands/table.js';

/** A document with generated parts: its path from the root of the repository, and its text. */
interface GeneratedFile {
  readonly path: string;
  readonly text: string;
}

/** Generated parts of each document, by the name in their markers. */
const DOCUMENTS: Readonly<Record<string, Readonly<Record<string, () => string | Promise<string>>>>> = {
  'README.md': { commands: commandsTable, settings: firstSettingsTable },
  'docs/commands.md': { commands: commandsReference },
  'docs/data.md': { fields: fieldTables },
  'docs/licences.md': { licences: licencesTable },
  'docs/settings.md': { settings: settingsReference },
};

/** Files that are generated as a whole. */
const WHOLE_FILES: Readonly<Record<string, () => string | Promise<string>>> = {
  'docs/call.schema.json': schemaFile,
};

/**
 * Returns the generated files, and every document with its parts renewed. A part is between `<!-- commands:begin -->`
 * and `<!-- commands:end -->`, for example. @throws Error if a document lacks a marker
 */
export async function generateDocs(read: (path: string) => Promise<string>): Promise<GeneratedFile[]> {
  const files: GeneratedFile[] = [{ path: '.env.example', text: envExample() }];
  for (const [path, parts] of Object.entries(DOCUMENTS)) {
    let text = await read(path);
    for (const [part, generate] of Object.entries(parts)) {
      text = replacePart({ path, text, part, by: await generate() });
    }
    files.push(await formatted(path, text));
  }
  for (const [path, generate] of Object.entries(WHOLE_FILES)) files.push(await formatted(path, await generate()));
  return files;
}

async function formatted(path: string, text: string): Promise<GeneratedFile> {
  const filepath = fileURLToPath(new URL(`../../${path}`, import.meta.url));
  return { path, text: await format(text, { ...(await resolveConfig(filepath)), filepath }) };
}

function replacePart({ path, text, part, by }: { path: string; text: string; part: string; by: string }): string {
  const begin = `<!-- ${part}:begin -->`;
  const end = `<!-- ${part}:end -->`;
  const beginAt = text.indexOf(begin);
  const endAt = text.indexOf(end);
  if (beginAt < 0 || endAt < beginAt)
    throw new Error(`${path} has lost its markers ${begin} and ${end}: put them back`);
  return `${text.slice(0, beginAt)}${begin}\n\n${by}\n\n${text.slice(endAt)}`;
}

/** Returns the commands as a Markdown table: each with its summary and a link to its part of `docs/commands.md`. */
function commandsTable(): string {
  const rows = commands.map(
    ({ name, summary }) => `| [\`${name}\`](docs/commands.md#callweave-${name}) | ${summary} |`,
  );
  return ['| command | does |', '| --- | --- |', ...rows].join('\n');
}

/** Returns the help of every command as Markdown, as `--help` shows it, with links to `docs/operations.md`. */
async function commandsReference(): Promise<string> {
  const context = idleContext();
  const program = createProgram({ commands, context, helpOutput: { getOutHelpWidth: () => 100 } });
  const parts = [helpOf(program)];
  for (const entry of commands) {
    const command = program.commands.find((candidate) => candidate.name() === entry.name);
    if (command === undefined) continue;
    await loadCommand({ command, entry, context });
    const link = `More in [operations](operations.md#${entry.guide}).`;
    parts.push(`## \`${fullName(command)}\``, link, helpOf(command));
    parts.push(...command.commands.flatMap((inner) => [`### \`${fullName(inner)}\``, helpOf(inner)]));
  }
  return parts.join('\n\n');
}

function fullName(command: Command): string {
  return command.parent === null ? command.name() : `${fullName(command.parent)} ${command.name()}`;
}

function helpOf(command: Command): string {
  let help = '';
  command.configureOutput({ writeOut: (text) => (help += text), getOutHelpWidth: () => 100 }).outputHelp();
  return `\`\`\`text\n${help.trim()}\n\`\`\``;
}

/** Creates a context for commands that are described and not run. */
function idleContext(): CommandContext {
  const { stdout, stderr } = process;
  const output = createOutput({ stdout, stderr });
  return { env: {}, cwd: '.', output, action: () => () => Promise.resolve() };
}
