import { isPlainObject, readJson } from './json.js';
import { repairJson } from './repair-json.js';
import type { UnparsedRow } from './cut-rows.js';
import { usableId } from '../id.js';
import type { RejectedRow } from '../../domain/rejected-row.js';

/** Size limit and id names of a source's rows. */
interface RowRules {
  readonly capBytes: number;
  /** Name of a transaction's id; null if each row is a call. */
  readonly transactionIdKey: string | null;
  readonly callIdKey: string;
}

/** An object that is read like any row, or the reason why the row is a reject. */
type RepairedRow =
  | { readonly object: Record<string, unknown> }
  | { readonly reason: 'too-large' | 'broken-off' | 'unreadable' | 'not-an-object' | 'too-deep' };

/** Reasons that reject only rows that are not JSON. */
export const unparsedReasons = {
  'broken-off': 'a bracket or a string of the row is not closed: it is cut off or runs into the next row',
  unreadable: 'the row is not JSON and cannot be repaired',
} as const;

/** Reads a row that is nearly JSON. Does not guess at a row that is cut off: its last value may be incomplete. */
export function repairRow(row: UnparsedRow, { capBytes, ...keys }: RowRules): RepairedRow {
  if (row.bytes.length > capBytes) return { reason: 'too-large' };
  if (!row.isWhole) return { reason: 'broken-off' };
  try {
    const value = repairJson(row.text);
    if (value === undefined) return { reason: 'unreadable' };
    return isPlainObject(value) ? { object: withExactIds(value, keys) } : { reason: 'not-an-object' };
  } catch (error) {
    if (error instanceof RangeError) return { reason: 'too-deep' };
    throw error;
  }
}

/** Leaves out ids that are unusable or contain a byte that cannot be read. */
function withExactIds(
  row: Record<string, unknown>,
  { transactionIdKey, callIdKey }: Omit<RowRules, 'capBytes'>,
): Record<string, unknown> {
  const isUnusable = (name: string): boolean =>
    (name === transactionIdKey || name === callIdKey) && exactId(row[name]) === null;
  return Object.fromEntries(Object.entries(row).filter(([name]) => !isUnusable(name)));
}

interface RejectRules extends RowRules {
  readonly reason: string;
  /** Names that must not be kept, and neither must their values. */
  readonly unwantedNames: readonly string[];
  /** Name of a value that differs on each read and is left empty; null if there is none. */
  readonly volatileName: string | null;
}

/**
 * Makes the reject of a row that is not JSON: the ids found in its text, and the text as it was sent, at most
 * `capBytes` long. If the text contains an unwanted name, only the ids are kept.
 */
export function rejectOfUnparsed({ bytes }: UnparsedRow, rules: RejectRules): RejectedRow {
  const { capBytes, reason, transactionIdKey, callIdKey } = rules;
  const kept = withoutVolatile(bytes, rules.volatileName).subarray(0, capBytes);
  const text = new TextDecoder('utf-8', { ignoreBOM: true }).decode(kept);
  const transactionId = transactionIdKey === null ? null : findId(text, transactionIdKey);
  const callId = findId(text, callIdKey);
  const reject = { callId, transactionId, reason };
  const lowerCased = text.toLowerCase();
  if (rules.unwantedNames.some((name) => lowerCased.includes(name.toLowerCase()))) {
    const ids = transactionIdKey === null ? {} : { [transactionIdKey]: transactionId };
    return { ...reject, raw: JSON.stringify({ ...ids, [callIdKey]: callId }) };
  }
  const raw = cappedText(text, capBytes);
  return Buffer.from(text).equals(kept) ? { ...reject, raw } : { ...reject, raw, rawBase64: kept.toString('base64') };
}

function withoutVolatile(bytes: Uint8Array, name: string | null): Buffer {
  if (name === null) return Buffer.from(bytes);
  const stated = new RegExp(String.raw`(["']?${name}["']?\s*:\s*)"(?:[^"\\]|\\.)*"`, 'gs');
  return Buffer.from(Buffer.from(bytes).toString('latin1').replace(stated, '$1""'), 'latin1');
}

/** Returns the beginning of a text, at most `capBytes` of UTF-8 long. */
export function cappedText(text: string, capBytes: number): string {
  if (Buffer.byteLength(text) <= capBytes) return text;
  // With `stream`, the decoder leaves out a character that was cut in half.
  return new TextDecoder().decode(Buffer.from(text).subarray(0, capBytes), { stream: true });
}

const REPLACEMENT = '\ufffd';

/** Returns a usable id; null if it contains U+FFFD, the replacement of a byte that could not be read. */
function exactId(value: unknown): string | null {
  const id = usableId(value);
  return id === null || id.includes(REPLACEMENT) ? null : id;
}

/** Finds the complete id under this name in the text of a row; null if there is none. */
function findId(text: string, name: string): string | null {
  const value = String.raw`("(?:[^"\\]|\\.){1,400}"|'[^'\\]{1,400}'|\d{1,64})\s*[,}\]\s]`;
  const quoted = new RegExp(String.raw`["']${name}["']\s*:\s*${value}`).exec(text);
  const bare = quoted ?? new RegExp(String.raw`[{,]\s*${name}\s*:\s*${value}`).exec(text);
  const stated = bare?.[1];
  if (stated === undefined) return null;
  return exactId(stated.startsWith("'") ? stated.slice(1, -1) : (readJson(Buffer.from(stated))?.value ?? stated));
}
