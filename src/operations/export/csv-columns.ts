import { FIELD_NAMES } from '../../domain/call.js';
import type { ExportedCall, ExportedLine } from '../../store/calls/export-calls.js';

export type Cell = string | number | null;

export interface Column {
  readonly name: string;
  readonly cellOf: (line: ExportedLine) => Cell;
}

/** Columns whose order scripts rely on. */
const FIRST_COLUMNS = [
  'callId',
  'account',
  'source',
  'startedAt',
  'durationSeconds',
  'connectSeconds',
  'ivrSeconds',
  'from',
  'to',
  'result',
  'revenue',
  'signals',
  'customData',
  'legs',
  'events',
  'recordingUrl',
  'transcriptStatus',
  'revision',
  'createdAt',
  'updatedAt',
];

/** Fields that were added later; their columns come after the first ones. */
const NEWER_FIELDS = FIELD_NAMES.filter((name) => !FIRST_COLUMNS.includes(name));

/** Columns that are not a field as it is stored. */
const SUMMARIES: ReadonlyMap<string, (call: ExportedCall) => unknown> = new Map(
  Object.entries({
    signals: (call: ExportedCall) => byName(call.signals),
    customData: (call: ExportedCall) => byName(call.customData),
    legs: (call: ExportedCall) => ('legs' in call ? call.legs.length : null),
    events: (call: ExportedCall) => ('events' in call ? call.events.length : null),
    transcriptStatus: (call: ExportedCall) => call.transcript.status,
    transcript: (call: ExportedCall) => call.transcript.text,
  }),
);

/**
 * Returns the columns of a table of calls: their top-level values, signals and custom data as a JSON object by name,
 * the number of legs and events, and last whether the call is erased.
 */
export function defaultColumns({ withTranscripts }: { withTranscripts: boolean }): Column[] {
  const names = [...FIRST_COLUMNS, ...NEWER_FIELDS, ...(withTranscripts ? ['transcript'] : []), 'erased'];
  return names.map(columnOf);
}

function columnOf(name: string): Column {
  if (name === 'erased') return { name, cellOf: (line) => cellOf('erased' in line) };
  const summary = SUMMARIES.get(name);
  if (summary === undefined) return { name, cellOf: (line) => cellOf(valueAt(line, name)) };
  return { name, cellOf: (line) => ('erased' in line ? null : cellOf(summary(line))) };
}

function valueAt(line: object, name: string): unknown {
  return Object.getOwnPropertyDescriptor(line, name)?.value;
}

/** Writes a value as a cell: empty if unknown, an instant in UTC, a list or an object as JSON. */
function cellOf(value: unknown): Cell {
  if (value === null || value === undefined) return null;
  if (typeof value === 'string' || typeof value === 'number') return value;
  return value instanceof Date ? value.toISOString() : JSON.stringify(value);
}

/** Returns the values by name; null if there are none. */
function byName(values: readonly { readonly name: string; readonly value: unknown }[]): object | null {
  return values.length === 0 ? null : Object.fromEntries(values.map(({ name, value }) => [name, value]));
}
