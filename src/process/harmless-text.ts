/**
 * Invisible characters that change how a text is shown: control characters (which begin a terminal's commands), marks
 * of writing direction, line separators and characters without width. Variation selectors are not among them, since
 * they only choose between two forms of the character before.
 */
const UNSEEN = String.raw`(?!\p{Variation_Selector})[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}\p{Default_Ignorable_Code_Point}]`;
const UNSEEN_IN_LINE = new RegExp(UNSEEN, 'gu');
const UNSEEN_IN_TEXT = new RegExp(String.raw`(?![\n\t])${UNSEEN}`, 'gu');

/** Makes a text of any origin safe to show: writes characters that act on a terminal as escapes, such as `\u{1b}`. */
export function harmlessText(text: string): string {
  return text.replace(UNSEEN_IN_TEXT, writtenOut);
}

/** Makes a text safe to show within one line: as harmlessText does, but line breaks and tabs become escapes too. */
export function harmlessLine(text: string): string {
  return text.replace(UNSEEN_IN_LINE, writtenOut);
}

/** Returns JSON text of the same value, with JSON's own escapes for characters that act on a terminal. */
export function harmlessJson(json: string): string {
  return json.replace(UNSEEN_IN_TEXT, (character) => character.split('').map(jsonEscape).join(''));
}

function writtenOut(character: string): string {
  return `\\u{${character.codePointAt(0)?.toString(16)}}`;
}

function jsonEscape(codeUnit: string): string {
  return `\\u${codeUnit.charCodeAt(0).toString(16).padStart(4, '0')}`;
}
