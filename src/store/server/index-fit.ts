import { isDeepStrictEqual } from 'node:util';
import type { IndexDescriptionInfo } from 'mongodb';
import type { WantedIndex } from './index-definitions.js';

/** An index as the server lists it. */
export type ExistingIndex = IndexDescriptionInfo;

/**
 * Whether an index answers every query that the wanted one would, whatever its name: it has the same keys in the same
 * order and leaves out the same documents. One that is unique, or expires documents, or is hidden, was made so on
 * purpose.
 */
export function serves(existing: ExistingIndex, wanted: WantedIndex): boolean {
  return (
    hasSameKeys(existing, wanted) &&
    isDeepStrictEqual(existing['partialFilterExpression'], wanted.partialFilterExpression) &&
    // Left out by a sparse index are documents without the field, by one with a collation all that compares otherwise.
    existing.sparse !== true &&
    existing['collation'] === undefined &&
    (wanted.expireAfterSeconds === undefined || Number.isFinite(existing.expireAfterSeconds))
  );
}

/** What keeps the server from making the wanted index: one of its name, or of its keys; null where nothing does. */
export function conflictWith(existing: readonly ExistingIndex[], wanted: WantedIndex): ExistingIndex | null {
  const others = existing.filter((index) => !serves(index, wanted));
  return others.find(({ name }) => name === wanted.name) ?? others.find((index) => hasSameKeys(index, wanted)) ?? null;
}

/** Says what is in the way, of which collection, and what to do about it. */
export function describeConflict(input: { collection: string; wanted: WantedIndex; existing: ExistingIndex }): string {
  const { collection, wanted, existing } = input;
  const { name = '', key, v: _, ns: __, ...options } = existing;
  const rest = Object.keys(options).length === 0 ? '' : ` and the options ${JSON.stringify(options)}`;
  return (
    `the index ${wanted.name} of ${collection} on ${JSON.stringify(wanted.key)} cannot be made: ${name} is in its way, ` +
    `which has the keys ${JSON.stringify(key)}${rest} and was not made by this callweave. Drop it ` +
    `(db.getCollection('${collection}').dropIndex('${name}')) and start again; make it anew under another name if you ` +
    'need it'
  );
}

/** The order of keys matters. Servers list 1 as 1 or 1.0, which are one number here. */
function hasSameKeys(existing: ExistingIndex, wanted: WantedIndex): boolean {
  return isDeepStrictEqual(Object.entries(existing.key), Object.entries(wanted.key));
}
