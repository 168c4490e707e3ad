import type { CustomDataEntry } from '../../domain/invoca/transaction.js';
import { cappedText } from '../http/capped-text.js';
import { isPlainObject } from '../json/json.js';
import { customDataColumn, volatileColumn } from './columns.js';
import { readCustomData } from './custom-data-entries.js';
import type { ExcludedColumns } from './excluded-columns.js';

interface RawRow {
  readonly row: unknown;
  /** `row` as JSON. */
  readonly json: string;
  readonly excluded: ExcludedColumns;
  readonly capBytes: number;
}

/**
 * The JSON text under which a reject is kept, at most `capBytes` long: the row as sent, without the excluded columns
 * and without the column that differs on each read, so that a reject read again is the same reject.
 */
export function rawText({ row, json, excluded, capBytes }: RawRow): string {
  const text = isPlainObject(row) ? JSON.stringify(withoutUnwanted(row, excluded)) : json;
  return cappedText(text, capBytes);
}

function withoutUnwanted(row: Record<string, unknown>, excluded: ExcludedColumns): Record<string, unknown> {
  const wanted = Object.entries(row).filter(([name]) => name !== volatileColumn && !excluded.has(name));
  return Object.fromEntries(
    wanted.map(([name, value]) => [name, name === customDataColumn ? withoutUnwantedEntries(value, excluded) : value]),
  );
}

function withoutUnwantedEntries(customData: unknown, excluded: ExcludedColumns): unknown {
  const isWanted = ({ name }: CustomDataEntry): boolean => !excluded.has(name);
  if (readCustomData(customData).every(isWanted)) return customData;
  if (Array.isArray(customData)) return customData.filter((member) => readCustomData([member]).every(isWanted));
  return readCustomData(customData)
    .filter(isWanted)
    .map(({ name, dataType, source, value }) => ({ name, data_type: dataType, source, value }));
}
