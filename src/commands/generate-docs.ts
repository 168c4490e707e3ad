import { commandsMarkdown } from './docs.js';
import { commands } from './table.js';
import { envExample, settingsMarkdown } from '../settings/docs.js';

export interface GeneratedDocs {
  /** The given README with its generated parts renewed, not yet formatted. */
  readonly readme: string;
  readonly envExample: string;
}

/** Renews what stands between `<!-- settings:begin -->` and `<!-- settings:end -->`, and the same for `commands`. */
export async function generateDocs({ readme }: { readme: string }): Promise<GeneratedDocs> {
  const withSettings = replacePart({ text: readme, part: 'settings', by: settingsMarkdown() });
  const withCommands = replacePart({ text: withSettings, part: 'commands', by: await commandsMarkdown(commands) });
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
