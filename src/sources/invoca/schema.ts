import { z } from 'zod';
import { storableValue } from '../../domain/blank.js';
import type { ColumnValue, CustomDataEntry } from '../../domain/transaction.js';
import { canonicalJson } from '../json.js';
import { customDataColumn } from './columns.js';

const LenientText = z.string().nullish().catch(null);

/** An entry of `custom_data`. Invoca's own example has `partner_name` in place of `name`. */
const NamedEntry = z.object({
  name: LenientText,
  partner_name: LenientText,
  data_type: LenientText,
  source: LenientText,
  value: z.unknown(),
});

/**
 * Reads one entry of `custom_data`. One that is no object or has no name is kept too, under the name of the column and
 * with its JSON text as the value.
 */
export function readNestedEntry(entry: unknown): CustomDataEntry {
  const named = NamedEntry.safeParse(entry);
  const name = named.success ? named.data.name || named.data.partner_name : null;
  if (!named.success || !name) {
    return { name: customDataColumn, dataType: null, source: null, value: canonicalJson(entry) };
  }
  const { data_type: dataType, source, value } = named.data;
  return { name, dataType: dataType ?? null, source: source ?? null, value: readValue(value) };
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
