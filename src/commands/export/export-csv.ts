import { stringify } from 'csv-stringify/sync';
import { FIELD_NAMES, type CallFields } from '../../domain/call.js';
import type { ExportedCall } from '../../store/calls/export-calls.js';

type Cell = string | number | null;

type Column = readonly [name: string, cellOf: (call: ExportedCall) => Cell];

/** Columns whose names and order scripts rely on. */
const FIRST_COLUMNS: readonly Column[] = [
  ['callId', (call) => call.callId],
  ['account', (call) => call.account],
  ['source', (call) => call.source],
  field('startedAt'),
  field('durationSeconds'),
  field('connectSeconds'),
  field('ivrSeconds'),
  field('from'),
  field('to'),
  field('result'),
  field('revenue'),
  ['signals', (call) => byName(call.signals)],
  ['customData', (call) => byName(call.customData)],
  ['legs', (call) => ('legs' in call ? call.legs.length : null)],
  ['events', (call) => ('events' in call ? call.events.length : null)],
  field('recordingUrl'),
  ['transcriptStatus', (call) => call.transcript.status],
  ['revision', (call) => call.revision],
  ['createdAt', (call) => call.createdAt.toISOString()],
  ['updatedAt', (call) => call.updatedAt.toISOString()],
];

/** Fields that were added later; their columns come last. */
const NEWER_FIELDS = FIELD_NAMES.filter((name) => !FIRST_COLUMNS.some(([column]) => column === name));
const COLUMNS = [...FIRST_COLUMNS, ...NEWER_FIELDS.map(field)];

const TRANSCRIPT: Column = ['transcript', (call) => call.transcript.text ?? null];

/**
 * Yields a header line, then one record per call: its top-level values, signals and custom data as a JSON object by
 * name, and the number of legs and events. Unknown values are empty. Quoted as in RFC 4180; lines end with \n. A text
 * that a spreadsheet would run as a formula gets an apostrophe at its beginning.
 */
export async function* csvPieces({
  calls,
  withTranscripts,
}: {
  calls: AsyncIterable<ExportedCall>;
  withTranscripts: boolean;
}): AsyncGenerator<string, void, undefined> {
  const columns = withTranscripts ? [...COLUMNS, TRANSCRIPT] : COLUMNS;
  yield csvLine(columns.map(([name]) => name));
  for await (const call of calls) yield csvLine(columns.map(([, cellOf]) => cellOf(call)));
}

function csvLine(cells: readonly Cell[]): string {
  return stringify([cells], { cast: { string: defused }, quoted_match: '\r' });
}

/** Prefixes text that a spreadsheet would run as a formula. Numbers, also phone numbers, are safe. */
function defused(cell: string): string {
  const isRun = /^[=+\-@\t\r]/.test(cell) && !/^[+-]?\d+(\.\d+)?$/.test(cell);
  return isRun ? `'${cell}` : cell;
}

function field(name: keyof CallFields): Column {
  return [
    name,
    (call) => {
      const value = call[name];
      return value instanceof Date ? value.toISOString() : value;
    },
  ];
}

/** Returns the values as the JSON text of an object; null if there are none. */
function byName(values: readonly { readonly name: string; readonly value: unknown }[]): string | null {
  return values.length === 0
    ? null
    : JSON.stringify(Object.fromEntries(values.map(({ name, value }) => [name, value])));
}
