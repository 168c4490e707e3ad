import { knowSecret } from '../process/secrets.js';
import type { TextSchema } from './schemas.js';

/**
 * One setting: what is read, documented and checked under its name. Everything there is to say about a setting is said
 * here once.
 */
export interface Setting<Value> {
  readonly schema: TextSchema<Value>;
  /** The text that stands for an unset one, written as in the environment. */
  readonly default: string | null;
  readonly isRequired: boolean;
  /** Never shown: whatever is read under this name is made known as a secret. */
  readonly isSecret: boolean;
  /** Makes what is secret of the text known. */
  readonly know: (text: string) => void;
  /** May be given as the path of a file under its name and `_FILE`. */
  readonly hasFile: boolean;
  /** For the settings table: one or two sentences, Markdown. */
  readonly meaning: string;
  /** For the settings table, where an unset setting means something `default` cannot say. */
  readonly defaultNote: string | null;
}

/** Settings by their name in the environment. */
export type SettingGroup = Readonly<Record<string, Setting<unknown>>>;

export type ValuesOf<Group extends SettingGroup> = {
  readonly [Name in keyof Group]: Group[Name] extends Setting<infer Value> ? Value : never;
};

interface Description<Value> {
  readonly schema: TextSchema<Value>;
  readonly meaning: string;
  readonly isSecret?: boolean;
  readonly know?: (text: string) => void;
  /** As `isSecret` unless it is said. */
  readonly hasFile?: boolean;
}

/** A setting without which its account cannot exist. */
export function required<Value>(description: Description<Value>): Setting<Value> {
  return { ...common(description), default: null, isRequired: true, defaultNote: null };
}

/** A setting that is null while unset. */
export function optional<Value>({
  defaultNote = null,
  ...description
}: Description<Value> & { readonly defaultNote?: string | null }): Setting<Value | null> {
  return { ...common(description), default: null, isRequired: false, defaultNote };
}

export function withDefault<Value>({
  default: defaultText,
  ...description
}: Description<Value> & { readonly default: string }): Setting<Value> {
  return { ...common(description), default: defaultText, isRequired: false, defaultNote: null };
}

function common<Value>({
  schema,
  meaning,
  isSecret = false,
  know = knowSecret,
  hasFile = isSecret,
}: Description<Value>) {
  return { schema, meaning, isSecret, know, hasFile };
}

/** The name under which a secret may be given as the path of a file. */
export function fileVariant(name: string): string {
  return `${name}_FILE`;
}

/** Every name that may be set for a group, `…_FILE` included. */
export function namesOf(group: SettingGroup): string[] {
  return Object.entries(group).flatMap(([name, { hasFile }]) => (hasFile ? [name, fileVariant(name)] : [name]));
}

export function secretNamesOf(group: SettingGroup): string[] {
  return Object.keys(group).filter((name) => group[name]?.isSecret === true);
}

/** `INVOCA_BASE_URL` is `baseUrl` in a config file, and `INVOCA_ACCOUNT` is `name`. */
export function configFileKey(name: string): string {
  const words = name.toLowerCase().split('_').slice(1);
  const key = words.map((word, index) => (index === 0 ? word : word.charAt(0).toUpperCase() + word.slice(1))).join('');
  return key === 'account' ? 'name' : key;
}
