import { walkElement } from './walk-element.js';

/** A member of a list, from where it was looked for to its `end`. */
interface ScannedElement {
  readonly end: number;
  /** Where to look for the next one. */
  readonly next: number;
  /** Whether its brackets and texts are closed. */
  readonly isWhole: boolean;
  /** Whether nothing of the list is left behind it. */
  readonly isLast: boolean;
  /** Where it is the last: whether the list is closed behind it. */
  readonly closesList: boolean;
}

/** How often the text may be gone through, before every member that begins as a row ends where the next row begins. */
const MOST_PASSES = 8;

/**
 * Finds the ends of a list's members in a text that is no JSON. Texts and brackets tell where a member ends; where
 * those of a bad member are astray, so that it would swallow the next, it ends where the next row begins.
 */
export class ElementScanner {
  readonly #text: string;
  /** Where rows may begin: an object whose first name is the one that rows of this list begin with. */
  readonly #rowStarts: readonly number[];
  #budget: number;

  constructor({ text, start, idKey }: { text: string; start: number; idKey: string }) {
    this.#text = text;
    this.#rowStarts = rowStartsIn(text.slice(start), idKey).map((offset) => offset + start);
    this.#budget = MOST_PASSES * text.length;
  }

  /** Behind blanks, commas and brackets that close nothing; at a bracket that closes the list, if no row follows. */
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
    // Texts that are astray hide the bracket that closes the list; a list that was cut off hardly ends so.
    const closesList = isInText && /\}\s*\]\s*$/.test(rest);
    const bytes = closesList ? rest.lastIndexOf(']') : rest.length;
    return { ...this.#upTo(start + bytes, start), isWhole, isLast: true, closesList };
  }

  #upTo(next: number, start: number): { end: number; next: number } {
    let end = next;
    while (end > start + 1 && /[\s,]/.test(this.#text[end - 1] ?? '')) end -= 1;
    return { end, next };
  }

  /** The first at this place or behind it. */
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
 * Where in the text of a list a row may begin: at an object whose first name is that of the list's first object, or
 * `idKey`. Inside a text, in valid JSON, none can be found, since its quotes are escaped there.
 */
function rowStartsIn(list: string, idKey: string): readonly number[] {
  const [, firstKey = idKey] = /^\[\s*\{\s*["']?([\w.$-][\w .$-]{0,79}?)["']?\s*:/.exec(list) ?? [];
  const keys = [firstKey, idKey].map((key) => key.replace(/[.$]/g, String.raw`\$&`)).join('|');
  const rowStart = new RegExp(String.raw`\{\s*(["']?)(?:${keys})\1\s*:`, 'g');
  return Array.from(list.matchAll(rowStart), ({ index }) => index);
}
