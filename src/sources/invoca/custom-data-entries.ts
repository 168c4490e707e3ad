import { z } from 'zod';
import type { CustomDataEntry } from '../../domain/invoca/transaction.js';
import { canonicalJson, isPlainObject, parseJson } from '../json/json.js';
import { customDataColumn } from './columns.js';
import { storableValue, type ColumnValue } from '../../domain/blank.js';

const LenientText = z.string().nullish().catch(null);

/** An entry of `custom_data`. Invoca's own example has `partner_name` instead of `name`. */
const NamedEntry = z.object({
  name: LenientText,
  partner_name: LenientText,
  data_type: LenientText,
  source: LenientText,
  // Optional like the others: an entry may lack its value.
  value: z.unknown().optional(),
});

const ENTRY_KEYS: ReadonlySet<string> = new Set(Object.keys(NamedEntry.shape));

/** Number of times that JSON text is decoded: a value may have been encoded twice. */
const DEEPEST_TEXT = 3;

/** An entry, or a value that is not one. */
type Member = CustomDataEntry | { readonly unnamed: unknown };

/**
 * Reads `custom_data`: the documented list of entries, one entry, a map from name to value or to an entry without its
 * name, or JSON text of any of these. A list may also contain any of these. Everything else is kept as JSON text under
 * the name of the column; several values of a list as one list.
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
  // In a list, an object with at least one name of an entry is an entry, even an incomplete one.
  if (isPlainObject(value) && Object.keys(value).some((key) => ENTRY_KEYS.has(key))) return [readEntry(value)];
  return readSingle(value);
}

function readSingle(value: unknown): Member[] {
  if (isBlankJson(value)) return [];
  if (!isPlainObject(value)) return [{ unnamed: value }];
  if (isEntry(value)) return [readEntry(value)];
  return Object.entries(value).map(([name, stated]) => readEntry(namedEntry(name, stated)));
}

/** True for `null`, `""`, `[]`, `{}` and a list that contains nothing else. */
function isBlankJson(value: unknown): boolean {
  if (typeof value === 'string') return value.trim() === '';
  if (Array.isArray(value)) return value.every(isBlankJson);
  return value === null || value === undefined || (isPlainObject(value) && Object.keys(value).length === 0);
}

/** True if an object outside a list is one entry, not a map in which a key happens to be `name`. */
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
  return { name: stated, dataType: dataType ?? null, source: source ?? null, value: storableValue(readValue(value)) };
}

/** Decodes JSON text of a list, an object or null. Returns anything else unchanged. */
function withoutText(value: unknown, depth = 0): unknown {
  if (typeof value !== 'string' || depth === DEEPEST_TEXT || !/^\s*(?:[[{"]|null\s*$)/.test(value)) return value;
  try {
    const read = withoutText(parseJson(value), depth + 1);
    return typeof read === 'object' ? read : value;
  } catch {
    return value;
  }
}

/** Returns a value as a source states one in a column: null if blank, JSON text if it is an object or a list. */
export function readValue(value: unknown): ColumnValue | null {
  switch (typeof value) {
    case 'string':
    case 'number':
    case 'boolean':
      return value;
    default:
      return value === null || value === undefined ? null : canonicalJson(value);
  }
}
