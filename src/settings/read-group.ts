import { resolve } from 'node:path';
import { fileVariant, type Setting, type SettingGroup, type ValuesOf } from './setting.js';
import { readTextFile, UnreadableText } from './files/text-file.js';

/** Environment variables by name. */
export type Environment = Readonly<Record<string, string | undefined>>;

/** The origin of a group's texts: the environment, or one account of a config file. */
export interface TextSource {
  /** Returns the text, or undefined if it is unset or blank. Throws a SettingProblem if it names an unset variable. */
  readonly textOf: (name: string) => string | undefined;
  /** Returns the name as problems show it: `INVOCA_ID`, or `callweave.yaml: accounts[0].id`. */
  readonly label: (name: string) => string;
  /** The folder that paths in `…_FILE` are relative to. */
  readonly folder: string;
}

export interface GroupReading<Values> {
  /** Complete, or null if there are problems. */
  readonly values: Values | null;
  /** The values without a problem. */
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

/** A fault of one setting; the message is for the user. */
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

/** Warns of quotes, because Docker's `--env-file`, systemd and secret files keep them as part of the value. */
function quotesHint(text: string): string {
  return IN_QUOTES.test(text) ? '; the quotes are part of the value here: remove them' : '';
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

/** Reads the file that the setting `label` names. @throws SettingProblem if it is not a readable text file */
export function readSettingFile(path: string, label: string): string {
  try {
    return readTextFile(path);
  } catch (error) {
    if (!(error instanceof UnreadableText)) throw error;
    throw new SettingProblem(`${label} must be the path of a readable file: ${path} (${error.message})`);
  }
}
