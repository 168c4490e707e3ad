import { readJson } from './json.js';
import { ElementScanner } from './scan-element.js';

/** The members of a JSON list of rows. One that cannot be parsed is an {@link UnparsedRow}. */
export interface CutRows {
  readonly rows: readonly unknown[];
  /** Whether the list is closed: else it was cut off, and more rows may have followed. */
  readonly isWhole: boolean;
  /** Where the list ends: behind its closing bracket, or at the end of the body. */
  readonly end: number;
}

interface ListToCut {
  readonly body: Buffer;
  /** Of the opening bracket. */
  readonly start: number;
  /** A name that rows have, for where no other is known that they begin with. */
  readonly idKey: string;
}

/**
 * Cuts a list that cannot be parsed as a whole into its rows, by the text alone, so that a row costs itself and no
 * other. Takes time proportional to the length of the body. Never throws.
 */
export function cutRows({ body, start, idKey }: ListToCut): CutRows {
  // One character a byte: what JSON is made of is the same in UTF-8, and positions are those of the body.
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

/** A row of an answer that is no JSON by itself, as it was sent. */
export class UnparsedRow {
  readonly bytes: Uint8Array;
  /** Whether its brackets and texts are closed: else it breaks off, and what it ends with may be half of a value. */
  readonly isWhole: boolean;

  constructor(bytes: Uint8Array, { isWhole }: { readonly isWhole: boolean }) {
    this.bytes = bytes;
    this.isWhole = isWhole;
  }

  /** With U+FFFD in place of each byte that is no UTF-8. */
  get text(): string {
    return new TextDecoder('utf-8', { ignoreBOM: true }).decode(this.bytes);
  }
}

/** A row by itself, as {@link cutRows} reads it. */
export function readRowText(bytes: Uint8Array): unknown {
  const body = Buffer.concat([Buffer.from('['), bytes, Buffer.from(']')]);
  const { rows, isWhole } = cutRows({ body, start: 0, idKey: 'transaction_id' });
  const [row] = rows;
  return rows.length === 1 && isWhole ? row : new UnparsedRow(bytes, { isWhole: false });
}

/** The rows of a body that is a JSON list, or nearly one; null where it is something else. */
export function readRows({ body, idKey }: Pick<ListToCut, 'body' | 'idKey'>): CutRows | null {
  const json = readJson(body);
  if (json !== null) return Array.isArray(json.value) ? { rows: json.value, isWhole: true, end: body.length } : null;
  const [beginning] = /^(?:\u00ef\u00bb\u00bf)?\s*\[/.exec(body.toString('latin1', 0, 1_000)) ?? [];
  return beginning === undefined ? null : cutRows({ body, start: beginning.length - 1, idKey });
}
