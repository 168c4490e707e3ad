import { isPlainObject, readJson } from './json.js';
import { repairJson } from './repair-json.js';
import type { UnparsedRow } from './cut-rows.js';
import { usableId } from '../id.js';
import type { RejectedRow } from '../../domain/rejected-row.js';

/** How the rows of a source are told apart and kept. */
interface RowRules {
  readonly capBytes: number;
  /** The name of a transaction's id; null where rows are calls. */
  readonly transactionIdKey: string | null;
  readonly callIdKey: string;
}

/** What a row that is no JSON comes to: an object that may be read as any row, or why it may not. */
type RepairedRow =
  | { readonly object: Record<string, unknown> }
  | { readonly reason: 'too-large' | 'broken-off' | 'unreadable' | 'not-an-object' | 'too-deep' };

/** Why a row that is no JSON is a reject, beside the reasons for which any row may be one. */
export const unparsedReasons = {
  'broken-off': 'a bracket or a text of it is not closed, so that it breaks off or runs into the next one',
  unreadable: 'it is not JSON, and not near enough to it to be read',
} as const;

/** Reads what is nearly JSON. A row that breaks off is not guessed at: its last value may be half of one. */
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

/** An id in which a byte cannot be read is none. */
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
  /** A name that must not be kept, nor what stands under it. */
  readonly unwantedNames: readonly string[];
  /** A name whose text differs on each read, so that it is no part of the row. */
  readonly volatileName: string | null;
}

/**
 * The reject of a row that is no JSON: its ids as they stand in the text, and its text as it was sent, at most
 * `capBytes` long. Where the text has an unwanted name, the ids are all that is kept of it.
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

/** The beginning of a text, at most `capBytes` of UTF-8 long. */
export function cappedText(text: string, capBytes: number): string {
  if (Buffer.byteLength(text) <= capBytes) return text;
  // In a stream the decoder leaves out a character that the cut went through.
  return new TextDecoder().decode(Buffer.from(text).subarray(0, capBytes), { stream: true });
}

const REPLACEMENT = '\ufffd';

/** An id that is read from a text in which bytes may have been replaced: none of it may be a guess. */
function exactId(value: unknown): string | null {
  const id = usableId(value);
  return id === null || id.includes(REPLACEMENT) ? null : id;
}

/** The id that stands under this name in the text of a row; null where none does that is complete. */
function findId(text: string, name: string): string | null {
  const value = String.raw`("(?:[^"\\]|\\.){1,400}"|'[^'\\]{1,400}'|\d{1,64})\s*[,}\]\s]`;
  const quoted = new RegExp(String.raw`["']${name}["']\s*:\s*${value}`).exec(text);
  const bare = quoted ?? new RegExp(String.raw`[{,]\s*${name}\s*:\s*${value}`).exec(text);
  const stated = bare?.[1];
  if (stated === undefined) return null;
  return exactId(stated.startsWith("'") ? stated.slice(1, -1) : (readJson(Buffer.from(stated))?.value ?? stated));
}
