import { stringify } from 'csv-stringify/sync';
import type { ExportedLine } from '../../store/calls/export-calls.js';
import type { Cell, Column } from './csv-columns.js';

/**
 * Yields a header line, then one record per call, or per erased call. Unknown values are empty. Quoted as in RFC 4180;
 * lines end with \n. A text that a spreadsheet would run as a formula gets an apostrophe at its beginning.
 */
export async function* csvPieces({
  lines,
  columns,
}: {
  lines: AsyncIterable<ExportedLine>;
  columns: readonly Column[];
}): AsyncGenerator<string, void, undefined> {
  yield csvLine(columns.map(({ name }) => name));
  for await (const line of lines) yield csvLine(columns.map(({ cellOf }) => cellOf(line)));
}

/** Returns a record with its end of line. */
export function csvLine(cells: readonly Cell[]): string {
  return stringify([cells], { cast: { string: defused }, quoted_match: '\r' });
}

/** Prefixes text that a spreadsheet would run as a formula. Numbers, also phone numbers, are safe. */
function defused(cell: string): string {
  const isRun = /^[=+\-@\t\r]/.test(cell) && !/^[+-]?\d+(\.\d+)?$/.test(cell);
  return isRun ? `'${cell}` : cell;
}
