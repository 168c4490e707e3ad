import { isBlank, storableValue, type ColumnValue } from '../blank.js';
import { compareText } from '../order.js';

/** A member of a list or an object, which is kept even if it is `null`. */
type CrediraMember = CrediraValue | null;

/** A value that is not blank. An empty list and an empty object are blank too. */
export type CrediraValue = ColumnValue | readonly CrediraMember[] | { readonly [name: string]: CrediraMember };

/** Deeper than any real field; MongoDB's limit is a hundred levels. */
const DEEPEST_LEVEL = 40;

/**
 * Returns a call's fields as MongoDB gives them back: in name order, without blanks, equal for equal fields in any
 * order. Characters of names that MongoDB reads as an operator or a path are percent-encoded: `a.b` is `a%2Eb`.
 *
 * @throws RangeError if a field is nested too deeply to be stored
 */
export function storableFields(fields: Readonly<Record<string, unknown>>): Readonly<Record<string, CrediraValue>> {
  return Object.fromEntries(
    storableEntries(fields, 1).filter((entry): entry is [string, CrediraValue] => !isBlankField(entry[1])),
  );
}

function isBlankField(value: CrediraMember): value is null {
  return isBlank(value) || (typeof value === 'object' && Object.keys(value).length === 0);
}

function storableEntries(members: object, level: number): [string, CrediraMember][] {
  return Object.entries(members)
    .map(([name, value]): [string, CrediraMember] => [storedFieldName(name), storableMember(value, level)])
    .sort(([a], [b]) => compareText(a, b));
}

function storableMember(value: unknown, level: number): CrediraMember {
  if (typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean') {
    return value === '' ? value : storableValue(value);
  }
  if (typeof value !== 'object' || value === null) return null;
  if (level > DEEPEST_LEVEL) throw new RangeError(`a field is nested more than ${DEEPEST_LEVEL} levels deep`);
  if (Array.isArray(value)) return value.map((member: unknown) => storableMember(member, level + 1));
  return Object.fromEntries(storableEntries(value, level + 1));
}

/** Returns the stored name of a field of Credira: the inverse of fieldName. */
export function storedFieldName(name: string): string {
  if (name === '') return '%';
  const encoded = name.toWellFormed().replace(/^\$|[%.\0]/g, percentEncoded);
  return encoded === '__proto__' ? '%5F_proto__' : encoded;
}

/** Returns the name that Credira gives a field, from its stored name. */
export function fieldName(storedName: string): string {
  if (storedName === '%') return '';
  return storedName.replace(/%([0-9A-F]{2})/g, (_, code: string) => String.fromCharCode(parseInt(code, 16)));
}

/** Returns a stored value as JSON, with Credira's names of its members. */
export function fieldJson(value: CrediraMember): string {
  return JSON.stringify(withFieldNames(value));
}

function withFieldNames(value: CrediraMember): CrediraMember {
  if (Array.isArray(value)) return value.map((member: CrediraMember) => withFieldNames(member));
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([name, member]) => [fieldName(name), withFieldNames(member)]));
}

function percentEncoded(character: string): string {
  return `%${character.charCodeAt(0).toString(16).toUpperCase().padStart(2, '0')}`;
}
