import { knowSecret } from '../process/secrets.js';
import type { TextSchema } from './schemas.js';

/** One setting: how its text is read, checked and documented. */
export interface Setting<Value> {
  readonly schema: TextSchema<Value>;
  /** The text that is used if the setting is unset, as written in the environment. */
  readonly default: string | null;
  readonly isRequired: boolean;
  /** True if the value is never shown. Every text read for it is registered as a secret. */
  readonly isSecret: boolean;
  /** Registers the secret parts of the text, which all output then redacts. */
  readonly know: (text: string) => void;
  /** True if `NAME_FILE` may hold the path of a file with the value. */
  readonly hasFile: boolean;
  /** One to three sentences of Markdown for the settings table, the first a noun phrase. */
  readonly meaning: string;
  /** Text for the column "default" of the settings table, if `default` cannot say what an unset setting means. */
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
  /** Defaults to `isSecret`. */
  readonly hasFile?: boolean;
}

/** A setting that must be set if any setting of its account is. */
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

/** Returns the name of the setting for the path of a file with the secret. */
export function fileVariant(name: string): string {
  return `${name}_FILE`;
}

/** Lists every name that may be set for a group, including `…_FILE`. */
export function namesOf(group: SettingGroup): string[] {
  return Object.entries(group).flatMap(([name, { hasFile }]) => (hasFile ? [name, fileVariant(name)] : [name]));
}

export function secretNamesOf(group: SettingGroup): string[] {
  return Object.keys(group).filter((name) => group[name]?.isSecret === true);
}

/** Converts a name of the environment to its config file key: `INVOCA_BASE_URL` to `baseUrl`, `…_ACCOUNT` to `name`. */
export function configFileKey(name: string): string {
  const words = name.toLowerCase().split('_').slice(1);
  const key = words.map((word, index) => (index === 0 ? word : word.charAt(0).toUpperCase() + word.slice(1))).join('');
  return key === 'account' ? 'name' : key;
}
