import { isBlank, storableValue, type ColumnValue } from '../blank.js';
import { compareText } from '../order.js';
import type { CustomData, CustomDataEntry } from './transaction.js';

/** A column that is not one of the source's standard ones: `["Quote", 1]` or `["Quote.source", "AI"]`. */
export type FlatColumn = readonly [name: string, value: ColumnValue | null];

const SOURCE_SUFFIX = '.source';

/** True if an entry was read from the nested `custom_data`, false if from a flat column. */
export function isNested(entry: CustomDataEntry): boolean {
  return entry.dataType !== null || entry.nested === true;
}

/**
 * Joins a row's nested `custom_data` and its flat custom columns into one list in canonical order, which does not
 * depend on the order of either. A `"Quote.source"` becomes the source of `"Quote"`, or a separate entry if `"Quote"`
 * is blank or absent. Blank flat columns are left out.
 */
export function composeCustomData({ nested, flat }: { nested: CustomData; flat: Iterable<FlatColumn> }): CustomData {
  const entries = [...nested.map(nestedEntry), ...flatEntries(flat)];
  if (entries.length < 2) return entries;
  entries.sort(compareEntries);
  return entries.filter((entry, index) => {
    const previous = entries[index - 1];
    return previous === undefined || compareEntries(previous, entry) !== 0;
  });
}

/** Takes a list apart into its nested entries and flat columns, in order: the inverse of composeCustomData. */
export function decomposeCustomData(customData: CustomData): { nested: CustomData; flat: FlatColumn[] } {
  const nested: CustomDataEntry[] = [];
  const flat: FlatColumn[] = [];
  for (const entry of customData) {
    if (isNested(entry)) {
      nested.push(entry);
      continue;
    }
    flat.push([entry.name, entry.value]);
    if (entry.source !== null) flat.push([entry.name + SOURCE_SUFFIX, entry.source]);
  }
  return { nested, flat };
}

/** Returns a text that is equal for equal nested entries in canonical order. */
export function keyOfNested(nested: CustomData): string {
  return JSON.stringify(nested.map((entry) => [entry.name, entry.dataType, entry.source, entry.value]));
}

/** True if two lists in canonical order are equal. */
export function isSameCustomData(a: CustomData, b: CustomData): boolean {
  return a.length === b.length && a.every((entry, index) => isSameEntry(entry, b[index]));
}

function isSameEntry(a: CustomDataEntry, b: CustomDataEntry | undefined): boolean {
  return (
    a.name === b?.name &&
    a.dataType === b.dataType &&
    a.source === b.source &&
    a.value === b.value &&
    isNested(a) === isNested(b)
  );
}

function nestedEntry(entry: CustomDataEntry): CustomDataEntry {
  const name = entry.name.toWellFormed();
  const dataType = isBlank(entry.dataType) ? null : entry.dataType.toWellFormed();
  const source = isBlank(entry.source) ? null : entry.source.toWellFormed();
  const value = storableValue(entry.value);
  return dataType === null ? { name, dataType, source, value, nested: true } : { name, dataType, source, value };
}

function flatEntries(flat: Iterable<FlatColumn>): CustomDataEntry[] {
  const values = new Map<string, ColumnValue>();
  for (const [name, raw] of flat) {
    const value = storableValue(raw);
    if (value !== null) values.set(name.toWellFormed(), value);
  }
  const entries: CustomDataEntry[] = [];
  for (const [name, value] of values) {
    if (ownerOfSource(name, values) !== null) continue;
    const sourceName = name + SOURCE_SUFFIX;
    const source = ownerOfSource(sourceName, values) === name ? values.get(sourceName) : undefined;
    entries.push({ name, dataType: null, source: typeof source === 'string' ? source : null, value });
  }
  return entries;
}

/**
 * Returns the column whose source a `….source` column states. Null for every other column, for a source that is not
 * text (an entry's source is text), and for the source of a source, so that each column is stored exactly once.
 */
function ownerOfSource(name: string, values: ReadonlyMap<string, ColumnValue>): string | null {
  if (!name.endsWith(SOURCE_SUFFIX) || typeof values.get(name) !== 'string') return null;
  const owner = name.slice(0, -SOURCE_SUFFIX.length);
  return values.has(owner) && ownerOfSource(owner, values) === null ? owner : null;
}

function compareEntries(a: CustomDataEntry, b: CustomDataEntry): number {
  return compareText(a.name, b.name) || compareText(keyOfEntry(a), keyOfEntry(b));
}

function keyOfEntry(entry: CustomDataEntry): string {
  return JSON.stringify([isNested(entry), entry.dataType, entry.source, entry.value]);
}
