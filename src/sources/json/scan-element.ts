import { walkElement } from './walk-element.js';

/** One member of a list. All offsets are in bytes. */
interface ScannedElement {
  readonly end: number;
  /** Offset at which to look for the next member. */
  readonly next: number;
  /** True if its brackets and strings are closed. */
  readonly isWhole: boolean;
  /** True if no member follows. */
  readonly isLast: boolean;
  /** True if this is the last member and the list is closed after it. */
  readonly closesList: boolean;
}

/** Number of times the text may be read. After that, each member ends where the next row begins. */
const MOST_PASSES = 8;

/**
 * Finds the ends of a list's members in a text that is not JSON. A member ends where its brackets and strings are
 * closed. If those of a bad member do not match, so that it would swallow the next one, it ends where the next row
 * begins.
 */
export class ElementScanner {
  readonly #text: string;
  /** Offsets at which rows may begin, as {@link rowStartsIn} finds them. */
  readonly #rowStarts: readonly number[];
  #budget: number;

  constructor({ text, start, idKey }: { text: string; start: number; idKey: string }) {
    this.#text = text;
    this.#rowStarts = rowStartsIn(text.slice(start), idKey).map((offset) => offset + start);
    this.#budget = MOST_PASSES * text.length;
  }

  /** Skips blanks, commas and brackets that close nothing. Stops at a bracket that closes the list. */
  skipBetween(position: number): number {
    const between = /[\s,}\]]/y;
    for (let at = position; ; at += 1) {
      if (this.#text[at] === ']' && this.#rowStartFrom(at) === null) return at;
      between.lastIndex = at;
      if (!between.test(this.#text)) return at;
    }
  }

  scan(start: number): ScannedElement {
    const following = this.#rowStartFrom(start + 1);
    const limit = this.#budget > 0 || following === null ? this.#text.length : following;
    const isRowStart = (at: number): boolean => this.#rowStartFrom(at) === at;
    const { end, isWhole, isInText } = walkElement({ text: this.#text, start, limit, isRowStart });
    this.#budget -= end - start;
    const next = isWhole ? end : following;
    if (next !== null) return { ...this.#upTo(next, start), isWhole, isLast: false, closesList: false };
    const rest = this.#text.slice(start);
    // An unclosed string hides the bracket that closes the list; a list that was cut off hardly ever ends like this.
    const closesList = isInText && /\}\s*\]\s*$/.test(rest);
    const bytes = closesList ? rest.lastIndexOf(']') : rest.length;
    return { ...this.#upTo(start + bytes, start), isWhole, isLast: true, closesList };
  }

  #upTo(next: number, start: number): { end: number; next: number } {
    let end = next;
    while (end > start + 1 && /[\s,]/.test(this.#text[end - 1] ?? '')) end -= 1;
    return { end, next };
  }

  /** Returns the first offset at `position` or later at which a row may begin; null if there is none. */
  #rowStartFrom(position: number): number | null {
    const starts = this.#rowStarts;
    let from = 0;
    for (let to = starts.length; from < to;) {
      const middle = (from + to) >>> 1;
      if ((starts[middle] ?? 0) < position) from = middle + 1;
      else to = middle;
    }
    return starts[from] ?? null;
  }
}

/**
 * Finds the offsets at which rows may begin: objects whose first name is that of the list's first object, or `idKey`.
 * In a string of valid JSON only a name without double quotes can match, because those are escaped.
 */
function rowStartsIn(list: string, idKey: string): readonly number[] {
  const [, firstKey = idKey] = /^\[\s*\{\s*["']?([\w.$-][\w .$-]{0,79}?)["']?\s*:/.exec(list) ?? [];
  const keys = [firstKey, idKey].map((key) => key.replace(/[.$]/g, String.raw`\$&`)).join('|');
  const rowStart = new RegExp(String.raw`\{\s*(["']?)(?:${keys})\1\s*:`, 'g');
  return Array.from(list.matchAll(rowStart), ({ index }) => index);
}
