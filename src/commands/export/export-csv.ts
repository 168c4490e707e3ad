import { stringify } from 'csv-stringify/sync';
import type { ExportedCall } from '../../store/calls/export-calls.js';

type Cell = string | number | null;

/** Scripts count on these names and their order: new ones go to the end. */
const COLUMNS: readonly (readonly [name: string, cellOf: (call: ExportedCall) => Cell])[] = [
  ['callId', (call) => call.callId],
  ['account', (call) => call.account],
  ['source', (call) => call.source],
  ['startedAt', (call) => instant(call.startedAt)],
  ['durationSeconds', (call) => call.durationSeconds],
  ['connectSeconds', (call) => call.connectSeconds],
  ['ivrSeconds', (call) => call.ivrSeconds],
  ['from', (call) => call.from],
  ['to', (call) => call.to],
  ['result', (call) => call.result],
  ['revenue', (call) => call.revenue],
  ['signals', (call) => byName(call.signals)],
  ['customData', (call) => byName(call.customData)],
  ['legs', (call) => (call.source === 'invoca' ? call.legs.length : null)],
  ['events', (call) => (call.source === 'invoca' ? call.events.length : null)],
  ['recordingUrl', (call) => call.recordingUrl],
  ['transcriptStatus', (call) => call.transcript.status],
  ['revision', (call) => call.revision],
  ['createdAt', (call) => instant(call.createdAt)],
  ['updatedAt', (call) => instant(call.updatedAt)],
];

const TRANSCRIPT: (typeof COLUMNS)[number] = ['transcript', (call) => call.transcript.text ?? null];

/**
 * A header line, then one record a call: its top-level values, signals and custom data as a JSON object by name, legs
 * and events as how many there are. What is not stated, or its source does not have, is empty. Quoted as RFC 4180 says,
 * lines end with \n. A text that a spreadsheet would run as a formula begins with an apostrophe.
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

/** Spreadsheets run a text that begins like a formula. A number, a phone number among them, is only a number. */
function defused(cell: string): string {
  const isRun = /^[=+\-@\t\r]/.test(cell) && !/^[+-]?\d+(\.\d+)?$/.test(cell);
  return isRun ? `'${cell}` : cell;
}

function instant(date: Date | null): string | null {
  return date?.toISOString() ?? null;
}

/** JSON text of an object; empty where there is nothing to name. */
function byName(values: readonly { readonly name: string; readonly value: unknown }[]): string | null {
  return values.length === 0
    ? null
    : JSON.stringify(Object.fromEntries(values.map(({ name, value }) => [name, value])));
}
