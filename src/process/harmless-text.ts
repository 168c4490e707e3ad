/**
 * Characters that are not seen but do something to what is: control characters (which begin a terminal's commands),
 * those that turn the direction of writing, separators of lines, and all that take no room. Not the variation
 * selectors, which only choose between two looks of the character before.
 */
const UNSEEN = String.raw`(?!\p{Variation_Selector})[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}\p{Default_Ignorable_Code_Point}]`;
const UNSEEN_IN_LINE = new RegExp(UNSEEN, 'gu');
const UNSEEN_IN_TEXT = new RegExp(String.raw`(?![\n\t])${UNSEEN}`, 'gu');

/** Text of any origin that can be shown to a person: what would act on the terminal is written out, as `\u{1b}`. */
export function harmlessText(text: string): string {
  return text.replace(UNSEEN_IN_TEXT, writtenOut);
}

/** As harmlessText, for what must stay one line of its surroundings: line breaks and tabs are written out too. */
export function harmlessLine(text: string): string {
  return text.replace(UNSEEN_IN_LINE, writtenOut);
}

/** JSON text of the same value, with JSON's own escapes for what would act on a terminal. */
export function harmlessJson(json: string): string {
  return json.replace(UNSEEN_IN_TEXT, (character) => character.split('').map(jsonEscape).join(''));
}

function writtenOut(character: string): string {
  return `\\u{${character.codePointAt(0)?.toString(16)}}`;
}

function jsonEscape(codeUnit: string): string {
  return `\\u${codeUnit.charCodeAt(0).toString(16).padStart(4, '0')}`;
}
