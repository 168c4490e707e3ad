import { cutRows, readRowText } from '../json/cut-rows.js';
import { isPlainObject } from '../json/json.js';
import { repairJson } from '../json/repair-json.js';
import { UnparsedRow } from '../json/unparsed-row.js';

export interface EnvelopeText {
  readonly value: unknown;
  /** False where the answer breaks off. */
  readonly isWhole: boolean;
}

/**
 * Reads an envelope that is no JSON: of a list of calls each by itself, of a single call what can be read of it. A
 * call that cannot be parsed is an {@link UnparsedRow}. Null for anything but an object.
 */
export function repairEnvelope(body: Buffer): EnvelopeText | null {
  const text = body.toString('latin1');
  if (!/^(?:\u00ef\u00bb\u00bf)?\s*\{/.test(text)) return null;
  const list = /"data"\s*:\s*\[/.exec(text);
  if (list !== null) {
    const { rows, isWhole, end } = cutRows({ body, start: list.index + list[0].length - 1, idKey: 'id' });
    const envelope = repaired(
      Buffer.concat([body.subarray(0, list.index), Buffer.from('"data":[]'), body.subarray(end)]),
    );
    return { value: { ...envelope, data: rows }, isWhole };
  }
  const row = readRowText(body);
  if (!(row instanceof UnparsedRow)) return { value: row, isWhole: true };
  if (!row.isWhole) return { value: { data: row }, isWhole: false };
  return { value: repaired(row.bytes) ?? { data: row }, isWhole: true };
}

function repaired(bytes: Uint8Array): Record<string, unknown> | null {
  try {
    const value = repairJson(new TextDecoder().decode(bytes));
    return isPlainObject(value) ? value : null;
  } catch (error) {
    if (error instanceof RangeError) return null;
    throw error;
  }
}
