import { readJson } from './json.js';
import { ElementScanner } from './scan-element.js';

/** Rows of a JSON list, in order. A row that cannot be parsed is an {@link UnparsedRow}. */
export interface CutRows {
  readonly rows: readonly unknown[];
  /** True if the list is closed. If false, it was cut off and more rows may have followed. */
  readonly isWhole: boolean;
  /** Offset at which the list ends, in bytes: after its closing bracket, or the end of the body. */
  readonly end: number;
}

interface ListToCut {
  readonly body: Buffer;
  /** Offset of the opening bracket, in bytes. */
  readonly start: number;
  /** Name of a row's id. An object that begins with this name is taken for a row. */
  readonly idKey: string;
}

/**
 * Cuts a list that cannot be parsed as a whole into its rows. Uses the text alone, so that a bad row does not cost the
 * others. Takes time proportional to the length of the body. Never throws.
 */
export function cutRows({ body, start, idKey }: ListToCut): CutRows {
  // One character per byte: the syntax of JSON is ASCII, and offsets in the text are offsets in the body.
  const text = body.toString('latin1');
  const scanner = new ElementScanner({ text, start, idKey });
  const rows: unknown[] = [];
  let position = start + 1;
  for (;;) {
    position = scanner.skipBetween(position);
    if (position >= text.length) return { rows, isWhole: false, end: text.length };
    if (text[position] === ']') return { rows, isWhole: true, end: position + 1 };
    const element = scanner.scan(position);
    rows.push(readRow(body.subarray(position, element.end), element.isWhole));
    if (element.isLast) return { rows, isWhole: element.closesList, end: text.length };
    position = element.next;
  }
}

function readRow(bytes: Buffer, isWhole: boolean): unknown {
  const json = readJson(bytes);
  return json === null ? new UnparsedRow(bytes, { isWhole }) : json.value;
}

/** A row that is not JSON, as it was sent. */
export class UnparsedRow {
  readonly bytes: Uint8Array;
  /** True if its brackets and strings are closed. If false, the row is cut off and its last value may be incomplete. */
  readonly isWhole: boolean;

  constructor(bytes: Uint8Array, { isWhole }: { readonly isWhole: boolean }) {
    this.bytes = bytes;
    this.isWhole = isWhole;
  }

  /** Returns the row as text, with U+FFFD for each byte that is not UTF-8. */
  get text(): string {
    return new TextDecoder('utf-8', { ignoreBOM: true }).decode(this.bytes);
  }
}

/** Reads a single row as {@link cutRows} does. */
export function readRowText(bytes: Uint8Array): unknown {
  const body = Buffer.concat([Buffer.from('['), bytes, Buffer.from(']')]);
  const { rows, isWhole } = cutRows({ body, start: 0, idKey: 'transaction_id' });
  const [row] = rows;
  return rows.length === 1 && isWhole ? row : new UnparsedRow(bytes, { isWhole: false });
}

/** Reads the rows of a body that is a JSON list, or nearly one. Null if it is something else. */
export function readRows({ body, idKey }: Pick<ListToCut, 'body' | 'idKey'>): CutRows | null {
  const json = readJson(body);
  if (json !== null) return Array.isArray(json.value) ? { rows: json.value, isWhole: true, end: body.length } : null;
  const [beginning] = /^(?:\u00ef\u00bb\u00bf)?\s*\[/.exec(body.toString('latin1', 0, 1_000)) ?? [];
  return beginning === undefined ? null : cutRows({ body, start: beginning.length - 1, idKey });
}
