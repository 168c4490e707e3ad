import { storableValue } from '../../domain/blank.js';
import type { ColumnValue } from '../../domain/blank.js';
import { canonicalJson } from '../json/json.js';

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
