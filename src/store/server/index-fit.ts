import { isDeepStrictEqual } from 'node:util';
import type { IndexDescriptionInfo } from 'mongodb';
import type { WantedIndex } from './index-definitions.js';

/** An index as the server lists it. */
export type ExistingIndex = IndexDescriptionInfo;

/**
 * True if an index, whatever its name, answers every query that the wanted one would: it has the same keys in the same
 * order and covers the same documents. It may be unique, expire documents or be hidden: an operator chose that.
 */
export function serves(existing: ExistingIndex, wanted: WantedIndex): boolean {
  return (
    hasSameKeys(existing, wanted) &&
    isDeepStrictEqual(existing['partialFilterExpression'], wanted.partialFilterExpression) &&
    // A sparse index lacks documents without the field; one with a collation does not serve plain comparisons of text.
    existing.sparse !== true &&
    existing['collation'] === undefined &&
    (wanted.expireAfterSeconds === undefined || Number.isFinite(existing.expireAfterSeconds))
  );
}

/** Returns the index whose name or keys keep the server from creating the wanted one; null if there is none. */
export function conflictWith(existing: readonly ExistingIndex[], wanted: WantedIndex): ExistingIndex | null {
  const others = existing.filter((index) => !serves(index, wanted));
  return others.find(({ name }) => name === wanted.name) ?? others.find((index) => hasSameKeys(index, wanted)) ?? null;
}

/** Returns an error text that names the conflict and what to do about it. */
export function describeConflict(input: { collection: string; wanted: WantedIndex; existing: ExistingIndex }): string {
  const { collection, wanted, existing } = input;
  const { name = '', key, v: _, ns: __, ...options } = existing;
  const rest = Object.keys(options).length === 0 ? '' : ` and the options ${JSON.stringify(options)}`;
  return (
    `the index ${wanted.name} of ${collection} on ${JSON.stringify(wanted.key)} cannot be created: the index ${name} ` +
    `is in the way. It has the keys ${JSON.stringify(key)}${rest} and is not one of callweave. Drop it ` +
    `(db.getCollection('${collection}').dropIndex('${name}')) and start again; if you need it, create it again ` +
    'under another name'
  );
}

/** Compares the keys and their order. Servers list 1 as 1 or 1.0, which are the same number in JavaScript. */
function hasSameKeys(existing: ExistingIndex, wanted: WantedIndex): boolean {
  return isDeepStrictEqual(Object.entries(existing.key), Object.entries(wanted.key));
}
