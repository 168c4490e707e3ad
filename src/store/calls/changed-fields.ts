import { isDeepStrictEqual } from 'node:util';
import { BSON } from 'mongodb';
import type { MergedInvocaCall } from '../../domain/invoca/invoca-call.js';
import { mergedFields, type MergedFields } from './call-document.js';

/**
 * Names of the fields in which a stored call says something else than the merge does; the order of keys says nothing.
 * `stored` is as the driver reads it. A document of an earlier version that lacks the number of its rows says nothing
 * wrong.
 */
export function changedFields({
  stored,
  merged,
}: {
  stored: Partial<MergedFields>;
  merged: MergedInvocaCall;
}): string[] {
  // Through BSON, where undefined fields vanish and numbers and decimals take the form they have when they are read.
  const expected = BSON.deserialize(BSON.serialize(mergedFields(merged), { ignoreUndefined: true }));
  const found = new Map<string, unknown>(Object.entries(stored));
  const compared = Object.keys(expected).filter((field) => field !== 'rowCount' || found.has(field));
  return compared.filter((field) => !isDeepStrictEqual(found.get(field), expected[field]));
}
