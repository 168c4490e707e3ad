import { basename, dirname, resolve } from 'node:path';
import { z } from 'zod';
import { SOURCES, type Source } from '../../domain/call.js';
import { nearestName } from '../unknown-names.js';
import { alertSettings } from '../alert-table.js';
import { nonBlank, SettingProblem, type Environment, type TextSource } from '../read-group.js';
import { configFileKey, namesOf, secretNamesOf, type SettingGroup } from '../setting.js';
import { ACCOUNT_SETTINGS, CONFIG_FILE_NAME } from '../table.js';
import { readYaml } from './yaml.js';

/** One entry of `accounts:`, its texts still unread. */
interface ConfiguredAccount {
  readonly source: Source;
  readonly texts: TextSource;
}

export interface ConfigFile {
  readonly accounts: readonly ConfiguredAccount[];
  /** Texts at its top level, for settings of the whole installation. */
  readonly texts: TextSource;
  readonly problems: readonly string[];
  readonly warnings: readonly string[];
  /** Variables of the environment that it refers to as `${NAME}`. */
  readonly usedNames: readonly string[];
}

const Value = z.union([z.string(), z.array(z.string()).transform((list) => list.join(','))], {
  error: 'must be a text or a list of texts',
});
const Entry = z.record(z.string(), Value, { error: 'must be a group of settings' });
/** Keys beside `accounts`. */
const TOP_KEYS = namesOf(alertSettings).map(configFileKey);
const Contents = z.looseObject(
  {
    accounts: z.array(Entry, { error: 'must be a list of accounts' }),
    ...Object.fromEntries(TOP_KEYS.map((key) => [key, z.string({ error: 'must be a text' }).optional()])),
  },
  { error: 'must contain a list named accounts' },
);
type Entry = z.output<typeof Entry>;

const REFERENCE = /\$\{([^}]*)\}/g;
const NO_TEXTS: TextSource = { textOf: () => undefined, label: (name) => name, folder: '.' };
const NOTHING: ConfigFile = { accounts: [], texts: NO_TEXTS, problems: [], warnings: [], usedNames: [] };

/** Reads the file that `CALLWEAVE_CONFIG` names. If it is unset there are no accounts and no problems. */
export function readConfigFile({ env, cwd }: { env: Environment; cwd: string }): ConfigFile {
  const givenPath = nonBlank(env[CONFIG_FILE_NAME]);
  if (givenPath === undefined) return NOTHING;
  const path = resolve(cwd, givenPath);
  const { contents, templates, problems } = parseContents(path);
  if (contents === null) return { ...NOTHING, problems };

  const entries = contents.accounts.map((entry, index) =>
    readEntry({ entry, path, within: `accounts[${index}]`, env }),
  );
  const where = basename(path);
  const top = Object.fromEntries(TOP_KEYS.map((key) => [key, topText(contents, key)]));
  const known = ['accounts', ...TOP_KEYS, ...templates];
  return {
    texts: entryTexts({ entry: top, path, within: '', env }),
    accounts: entries.map(({ account }) => account).filter((account) => account !== null),
    problems: [
      ...unknownKeys({ of: contents, known, where, within: '' }),
      ...entries.flatMap((entry) => entry.problems),
    ],
    warnings: [
      ...plainSecrets({ entry: top, settings: alertSettings, where, within: '' }),
      ...entries.flatMap((entry) => entry.warnings),
    ],
    usedNames: [...contents.accounts, top].flatMap((entry) => Object.values(entry).flatMap(namesIn)),
  };
}

function topText(contents: object, key: string): string {
  const text: unknown = Reflect.get(contents, key);
  return typeof text === 'string' ? text : '';
}

interface ParsedFile {
  readonly contents: z.output<typeof Contents> | null;
  /** Keys beside `accounts` that hold an anchor to refer to (`*name`). */
  readonly templates: readonly string[];
  readonly problems: readonly string[];
}

/** Parses the file. Problems name the place of a fault and never quote the file, which may hold secrets. */
function parseContents(path: string): ParsedFile {
  const where = basename(path);
  const { value, templates, problem } = readYaml(path);
  if (problem !== null) return { contents: null, templates, problems: [problem] };
  const parsed = Contents.safeParse(value);
  if (parsed.success) return { contents: parsed.data, templates, problems: [] };
  const problems = parsed.error.issues.map((issue) => `${where}: ${placeOf(issue)}${issue.message}`);
  return { contents: null, templates, problems };
}

function placeOf({ path }: { path: readonly PropertyKey[] }): string {
  if (path.length === 0) return '';
  const place = path.map((part) => (typeof part === 'number' ? `[${part}]` : `.${String(part)}`)).join('');
  return `${place.replace(/^\./, '')} `;
}

interface EntryPlace {
  readonly entry: Entry;
  readonly path: string;
  /** The entry's place, such as `accounts[0]`. */
  readonly within: string;
  readonly env: Environment;
}

function readEntry(place: EntryPlace): { account: ConfiguredAccount | null; problems: string[]; warnings: string[] } {
  const { entry, path, within } = place;
  const where = basename(path);
  const named = nonBlank(entry['source']) ?? 'invoca';
  const source = SOURCES.find((known) => known === named);
  if (source === undefined) {
    const rule = `must be one of ${SOURCES.join(', ')}`;
    return { account: null, problems: [`${where}: ${within}.source ${rule}`], warnings: [] };
  }
  const { settings } = ACCOUNT_SETTINGS[source];
  const known = ['source', ...namesOf(settings).map(configFileKey)];
  return {
    account: { source, texts: entryTexts(place) },
    problems: unknownKeys({ of: entry, known, where, within }),
    warnings: plainSecrets({ entry, settings, where, within }),
  };
}

/** Warns of secrets that are written out. */
function plainSecrets(of: { entry: Entry; settings: SettingGroup; where: string; within: string }): string[] {
  const { entry, settings, where, within } = of;
  return secretNamesOf(settings)
    .map(configFileKey)
    .filter((key) => namesIn(entry[key] || '${absent}').length === 0)
    .map(
      (key) => `${where}: ${keyPath(within, key)} is a secret in plain text: write \${NAME} instead, or use ${key}File`,
    );
}

function keyPath(within: string, key: string): string {
  return within === '' ? key : `${within}.${key}`;
}

function entryTexts({ entry, path, within, env }: EntryPlace): TextSource {
  const label = (name: string): string => `${basename(path)}: ${keyPath(within, configFileKey(name))}`;
  return {
    textOf: (name) => nonBlank(interpolate({ text: entry[configFileKey(name)] ?? '', label: label(name), env })),
    label,
    folder: dirname(path),
  };
}

/** Replaces each `${NAME}` with the environment's value. @throws SettingProblem for a variable that is not set */
function interpolate({ text, label, env }: { text: string; label: string; env: Environment }): string {
  return text.replace(REFERENCE, (_, name: string) => {
    const value = nonBlank(env[name]);
    if (value === undefined) throw new SettingProblem(`${label} refers to \${${name}}, which is not set`);
    return value;
  });
}

function namesIn(text: string): string[] {
  return [...text.matchAll(REFERENCE)].map((match) => match[1] ?? '');
}

interface KeyCheck {
  readonly of: object;
  readonly known: readonly string[];
  readonly where: string;
  readonly within: string;
}

function unknownKeys({ of, known, where, within }: KeyCheck): string[] {
  return Object.keys(of)
    .filter((key) => !known.includes(key))
    .map((key) => `${where}: ${keyPath(within, key)} is not a setting${nearestName(key, known)}`);
}
