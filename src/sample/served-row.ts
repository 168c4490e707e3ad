import { entryName, type CatalogEntry } from './feed/catalog.js';
import { durationColumns, isRecord } from './feed/feed-row.js';
import type { ColumnChoice, Scope } from './transaction-query.js';

interface RowToServe {
  readonly entry: CatalogEntry;
  readonly columns: ColumnChoice;
  readonly scope: Scope;
  readonly nowMs: number;
  /** Number that differs on each read, for the column that does. */
  readonly readNumber: number;
}

const notForAffiliates = new Set([
  'advertiser_campaign_country',
  'advertiser_payin_localized',
  'margin_localized',
  'call_fee_localized',
  'advertiser_call_fee_localized',
]);

/** Returns a row as it is now, with the requested columns. A value that is not a row is served unchanged. */
export function serveRow({ entry, columns, scope, nowMs, readNumber }: RowToServe): unknown {
  if (!isRecord(entry.row)) return entry.row;
  const row = entry.supersededMs <= nowMs ? withClearedDurations(entry.row, entry.clearedTo) : entry.row;
  const members = [
    ...Object.entries(row).filter(([name]) => name !== 'custom_data'),
    ...downloadUrl(row, readNumber),
  ].filter(([name]) => isWanted(name, '$invoca_default_columns', columns));
  const custom = customMembers(row, columns);
  return Object.fromEntries([...members, ...custom].flatMap(([name, value]) => inScope(name, value, scope)));
}

function withClearedDurations(row: Record<string, unknown>, clearedTo: 0 | null): Record<string, unknown> {
  const stated = durationColumns.filter((column) => column in row);
  return { ...row, ...Object.fromEntries(stated.map((column) => [column, clearedTo])) };
}

function downloadUrl(row: Record<string, unknown>, readNumber: number): [string, unknown][] {
  const { recording } = row;
  if (typeof recording !== 'string' || recording === '') return [];
  return [['recording_download_url', `${recording}.mp3?signature=${readNumber.toString(36)}`]];
}

function isWanted(name: string, macro: string, { include, exclude }: ColumnChoice): boolean {
  return (include.has(macro) || include.has(name)) && !exclude.has(macro) && !exclude.has(name);
}

/** Returns `custom_data` if requested, and a column for each requested field of the account. */
function customMembers(row: Record<string, unknown>, columns: ColumnChoice): [string, unknown][] {
  const { custom_data: customData } = row;
  const entries = Array.isArray(customData) ? customData.filter(isRecord) : [];
  const members: [string, unknown][] = [];
  if ('custom_data' in row && columns.include.has('custom_data') && !columns.exclude.has('custom_data')) {
    members.push(['custom_data', customData]);
  }
  for (const name of columns.customNames) {
    const entry = entries.find((candidate) => entryName(candidate) === name);
    if (isWanted(name, '$invoca_custom_columns', columns)) members.push([name, flatValue(entry)]);
    const source = `${name}.source`;
    if (isWanted(source, '$invoca_custom_source_columns', columns)) members.push([source, entry?.['source'] ?? null]);
  }
  return members;
}

/** Converts a value to the flat form: a Signal is true or false in the nested form, and 1 or 0 in the flat one. */
function flatValue(entry: Record<string, unknown> | undefined): unknown {
  const value = entry?.['value'] ?? null;
  return typeof value === 'boolean' ? Number(value) : value;
}

function inScope(name: string, value: unknown, scope: Scope): [string, unknown][] {
  if (scope === 'affiliates' && notForAffiliates.has(name)) return [];
  const isResult = name === 'call_result_description_detail';
  return [[scope === 'advertisers' && isResult ? `${name}_managed_advertiser` : name, value]];
}
