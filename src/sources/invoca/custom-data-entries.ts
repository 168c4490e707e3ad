import { z } from 'zod';
import type { CustomDataEntry } from '../../domain/invoca/transaction.js';
import { canonicalJson, isPlainObject, parseJson } from '../json/json.js';
import { customDataColumn } from './columns.js';
import { storableValue, type ColumnValue } from '../../domain/blank.js';

const LenientText = z.string().nullish().catch(null);

/** An entry of `custom_data`. Invoca's own example has `partner_name` in place of `name`. */
const NamedEntry = z.object({
  name: LenientText,
  partner_name: LenientText,
  data_type: LenientText,
  source: LenientText,
  // An entry may lack its value, as any other of these.
  value: z.unknown().optional(),
});

const ENTRY_KEYS: ReadonlySet<string> = new Set(Object.keys(NamedEntry.shape));

/** A JSON text may itself be the text of a JSON text, as where it was encoded twice. */
const DEEPEST_TEXT = 3;

/** An entry, or what is none. */
type Member = CustomDataEntry | { readonly unnamed: unknown };

/**
 * Reads `custom_data`: the documented list of entries, one entry, a map from name to value or to an entry without its
 * name, or JSON text of any of these. A list may hold any of these too. What is none of them is kept under the name of
 * the column, as JSON text, several of a list as one list.
 */
export function readCustomData(customData: unknown): CustomDataEntry[] {
  const members = membersOf(withoutText(customData));
  const entries = members.flatMap((member) => ('unnamed' in member ? [] : [member]));
  const unnamed = members.flatMap((member) => ('unnamed' in member ? [member.unnamed] : []));
  if (unnamed.length === 0) return entries;
  const text = canonicalJson(unnamed.length === 1 ? unnamed[0] : unnamed);
  return [...entries, { name: customDataColumn, dataType: null, source: null, value: text }];
}

function membersOf(value: unknown): Member[] {
  return Array.isArray(value) ? value.flatMap(readMember) : readSingle(value);
}

function readMember(member: unknown): Member[] {
  const value = withoutText(member);
  if (Array.isArray(value) && value.some(isPlainObject)) return membersOf(value);
  // In a list an object is an entry that lacks something, unless none of its names is one of an entry.
  if (isPlainObject(value) && Object.keys(value).some((key) => ENTRY_KEYS.has(key))) return [readEntry(value)];
  return readSingle(value);
}

function readSingle(value: unknown): Member[] {
  if (isBlankJson(value)) return [];
  if (!isPlainObject(value)) return [{ unnamed: value }];
  if (isEntry(value)) return [readEntry(value)];
  return Object.entries(value).map(([name, stated]) => readEntry(namedEntry(name, stated)));
}

/** `null`, `""`, `[]`, `{}` and a list of nothing else. */
function isBlankJson(value: unknown): boolean {
  if (typeof value === 'string') return value.trim() === '';
  if (Array.isArray(value)) return value.every(isBlankJson);
  return value === null || value === undefined || (isPlainObject(value) && Object.keys(value).length === 0);
}

/** Whether an object that stands alone is one entry and no map in which something happens to be called `name`. */
function isEntry(value: Record<string, unknown>): boolean {
  const isNamed = typeof value['name'] === 'string' || typeof value['partner_name'] === 'string';
  return isNamed && ('value' in value || 'data_type' in value) && hasEntryKeysAlone(value);
}

function hasEntryKeysAlone(value: Record<string, unknown>): boolean {
  return Object.keys(value).every((key) => ENTRY_KEYS.has(key));
}

function namedEntry(name: string, stated: unknown): Record<string, unknown> {
  const isWithoutName = isPlainObject(stated) && 'value' in stated && hasEntryKeysAlone(stated);
  return isWithoutName ? { ...stated, name } : { name, value: stated };
}

function readEntry(entry: Record<string, unknown>): Member {
  const { name, partner_name: partnerName, data_type: dataType, source, value } = NamedEntry.parse(entry);
  const stated = name || partnerName;
  if (!stated) return { unnamed: entry };
  return { name: stated, dataType: dataType ?? null, source: source ?? null, value: readValue(value) };
}

/** What a JSON text of a list, an object or null says; anything else as it is. */
function withoutText(value: unknown, depth = 0): unknown {
  if (typeof value !== 'string' || depth === DEEPEST_TEXT || !/^\s*(?:[[{"]|null\s*$)/.test(value)) return value;
  try {
    const read = withoutText(parseJson(value), depth + 1);
    return typeof read === 'object' ? read : value;
  } catch {
    return value;
  }
}

/** A column's value as it is stored: null where it is blank, JSON text where it is an object or an array. */
export function readValue(value: unknown): ColumnValue | null {
  switch (typeof value) {
    case 'string':
    case 'number':
    case 'boolean':
      return storableValue(value);
    default:
      return value === null || value === undefined ? null : canonicalJson(value);
  }
}
