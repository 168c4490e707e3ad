interface ElementToWalk {
  readonly text: string;
  readonly start: number;
  /** Offset at which to stop at the latest. */
  readonly limit: number;
  readonly isRowStart: (position: number) => boolean;
}

/** End of a list member, according to its own brackets and strings. */
interface WalkedElement {
  readonly end: number;
  /** False if its brackets and strings do not match. */
  readonly isWhole: boolean;
  /** True if it ends inside a string. */
  readonly isInText: boolean;
}

const CLOSERS: ReadonlyMap<string, string> = new Map([
  ['{', '}'],
  ['[', ']'],
]);

/** Reads one list member, from its first character until it ends or another row begins inside it. */
export function walkElement({ text, start, limit, isRowStart }: ElementToWalk): WalkedElement {
  const open: string[] = [];
  const marks = /["'{}[\],]/g;
  marks.lastIndex = start;
  for (let mark = marks.exec(text); mark !== null && mark.index < limit; mark = marks.exec(text)) {
    const { 0: character, index } = mark;
    if (character === '"' || (character === "'" && beginsValue(text, { start, index }))) {
      const end = endOfText(text, { start: index, limit });
      if (end === null) return { ...astray(limit), isInText: true };
      const bracket = lastBracket(text, end);
      if (bracket > index && isRowStart(bracket)) return astray(bracket);
      marks.lastIndex = end + 1;
    } else if (CLOSERS.has(character)) {
      // An extra bracket around rows belongs to none of them.
      const isStray = open.at(-1) === '}' ? text[before(text, index)] !== ':' : open.length <= 1 && index > start;
      if (isStray && isRowStart(index)) return { ...astray(index), isWhole: open.length === 0 };
      open.push(CLOSERS.get(character) ?? '');
    } else if (open.length === 0) {
      if (character !== '}' && character !== "'") return { end: index, isWhole: true, isInText: false };
    } else if (character === '}' || character === ']') {
      if (open.pop() !== character) return astray(index);
      if (open.length === 0) return { end: index + 1, isWhole: true, isInText: false };
    }
  }
  return astray(limit);
}

function astray(end: number): WalkedElement {
  return { end, isWhole: false, isInText: false };
}

/** Returns the offset of the last character before `index` that is not blank; -1 if there is none. */
function before(text: string, index: number): number {
  let at = index - 1;
  while (at >= 0 && /\s/.test(text[at] ?? '')) at -= 1;
  return at;
}

/** True if a string may begin here: elsewhere a single quote is an apostrophe. */
function beginsValue(text: string, { start, index }: { start: number; index: number }): boolean {
  return index === start || '{[,:'.includes(text[before(text, index)] ?? ' ');
}

/** Returns the offset of the quote that closes the string at `start`; null if there is none. */
function endOfText(text: string, { start, limit }: { start: number; limit: number }): number | null {
  const quote = text[start] ?? '';
  for (let at = text.indexOf(quote, start + 1); at >= 0 && at < limit; at = text.indexOf(quote, at + 1)) {
    if (isEscaped(text, at)) continue;
    // In a single-quoted string a quote may also be an apostrophe.
    if (quote === '"' || /^\s*[,:}\]]/.test(text.slice(at + 1, at + 20))) return at;
  }
  return null;
}

function isEscaped(text: string, index: number): boolean {
  let backslashes = 0;
  while (text[index - 1 - backslashes] === '\\') backslashes += 1;
  return backslashes % 2 === 1;
}

/** Returns the offset of the brace just before a quote; -1 if there is none. */
function lastBracket(text: string, quote: number): number {
  const at = before(text, quote);
  return text[at] === '{' ? at : -1;
}
