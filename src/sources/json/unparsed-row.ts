import { usableId } from '../id.js';
import { readJson } from './json.js';

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

const REPLACEMENT = '\ufffd';

/** An id that is read from a text in which bytes may have been replaced: none of it may be a guess. */
export function exactId(value: unknown): string | null {
  const id = usableId(value);
  return id === null || id.includes(REPLACEMENT) ? null : id;
}

/** The id that stands under this name in the text of a row; null where none does that is complete. */
export function findId(text: string, name: string): string | null {
  const value = String.raw`("(?:[^"\\]|\\.){1,400}"|'[^'\\]{1,400}'|\d{1,64})\s*[,}\]\s]`;
  const quoted = new RegExp(String.raw`["']${name}["']\s*:\s*${value}`).exec(text);
  const bare = quoted ?? new RegExp(String.raw`[{,]\s*${name}\s*:\s*${value}`).exec(text);
  const stated = bare?.[1];
  if (stated === undefined) return null;
  return exactId(stated.startsWith("'") ? stated.slice(1, -1) : (readJson(Buffer.from(stated))?.value ?? stated));
}
