import { resolve } from 'node:path';
import { fileVariant, type Setting, type SettingGroup, type ValuesOf } from './setting.js';
import { readTextFile, UnreadableText } from './files/text-file.js';

/** The environment as given: names to texts. */
export type Environment = Readonly<Record<string, string | undefined>>;

/** Where the texts of a group come from: the environment, or one account of a config file. */
export interface TextSource {
  /**
   * Undefined where nothing, or only blanks, is set under this name. Throws a SettingProblem where it cannot be told.
   */
  readonly textOf: (name: string) => string | undefined;
  /** How a problem calls this name. */
  readonly label: (name: string) => string;
  /** What the path of a `…_FILE` is relative to. */
  readonly folder: string;
}

export interface GroupReading<Values> {
  /** Complete, or null if there are problems. */
  readonly values: Values | null;
  /** Those without a problem of their own. */
  readonly sound: Partial<Values>;
  readonly problems: readonly string[];
}

export function environmentSource({ env, cwd }: { env: Environment; cwd: string }): TextSource {
  return { textOf: (name) => nonBlank(env[name]), label: (name) => name, folder: cwd };
}

export function nonBlank(text: string | undefined): string | undefined {
  const trimmed = text?.trim();
  return trimmed === '' ? undefined : trimmed;
}

/** Reads every setting of the group and reports all that is wrong with any of them. */
export function readGroup<Group extends SettingGroup>(group: Group, source: TextSource): GroupReading<ValuesOf<Group>> {
  const values: Record<string, unknown> = {};
  const problems: string[] = [];
  for (const [name, setting] of Object.entries(group)) {
    try {
      values[name] = readSetting({ name, setting, source });
    } catch (error) {
      if (!(error instanceof SettingProblem)) throw error;
      problems.push(error.message);
    }
  }
  const sound = values as Partial<ValuesOf<Group>>;
  return { values: problems.length === 0 ? (values as ValuesOf<Group>) : null, sound, problems };
}

/** What is wrong with one setting, in words for the user. */
export class SettingProblem extends Error {}

interface NamedSetting {
  readonly name: string;
  readonly setting: Setting<unknown>;
  readonly source: TextSource;
}

function readSetting(named: NamedSetting): unknown {
  const { name, setting, source } = named;
  const text = setting.hasFile ? textOrFile(named) : source.textOf(name);
  if (text !== undefined) return parseText(named, text);
  if (setting.default !== null) return setting.schema.parse(setting.default);
  if (!setting.isRequired) return null;
  const otherwise = setting.hasFile ? ` (or set ${source.label(fileVariant(name))} to the path of a file)` : '';
  throw new SettingProblem(`${source.label(name)} is missing${otherwise}: ${setting.meaning}`);
}

function parseText({ name, setting, source }: NamedSetting, text: string): unknown {
  if (setting.isSecret) setting.know(text);
  const result = setting.schema.safeParse(text);
  if (result.success) return result.data;
  const rules = result.error.issues.map((issue) => issue.message).join('; ');
  const isShown = !setting.isSecret && text.length <= 40 && !text.includes('@') && !/\p{C}/u.test(text);
  throw new SettingProblem(`${source.label(name)} ${rules}${isShown ? ` (it is "${text}")` : ''}${quotesHint(text)}`);
}

const IN_QUOTES = /^(["'`\u2018\u2019\u201c\u201d]).*|.*(["'`\u2018\u2019\u201c\u201d])$/s;

/** Docker's `--env-file`, systemd and secret files take quotes for part of the value. */
function quotesHint(text: string): string {
  return IN_QUOTES.test(text) ? '; its quotes count as part of it here: take them away' : '';
}

function textOrFile({ name, source }: NamedSetting): string | undefined {
  const direct = source.textOf(name);
  const path = source.textOf(fileVariant(name));
  if (path === undefined) return direct;
  const label = source.label(fileVariant(name));
  if (direct !== undefined) throw new SettingProblem(`${source.label(name)} and ${label} are both set: set only one`);
  const text = nonBlank(readSettingFile(resolve(source.folder, path), label));
  if (text === undefined) throw new SettingProblem(`${label} names a file that is empty: ${path}`);
  return text;
}

/** Throws a SettingProblem where the file that the setting `label` names is no readable text. */
export function readSettingFile(path: string, label: string): string {
  try {
    return readTextFile(path);
  } catch (error) {
    if (!(error instanceof UnreadableText)) throw error;
    throw new SettingProblem(`${label} must be the path of a readable file: ${path} (${error.message})`);
  }
}
