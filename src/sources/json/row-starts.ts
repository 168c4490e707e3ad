/**
 * Where in the text of a list a row may begin: at an object whose first name is that of the list's first object, or
 * `idKey`. Inside a text, in valid JSON, none can be found, since its quotes are escaped there.
 */
export function rowStartsIn(list: string, idKey: string): readonly number[] {
  const [, firstKey = idKey] = /^\[\s*\{\s*["']?([\w.$-][\w .$-]{0,79}?)["']?\s*:/.exec(list) ?? [];
  const keys = [firstKey, idKey].map((key) => key.replace(/[.$]/g, String.raw`\$&`)).join('|');
  const rowStart = new RegExp(String.raw`\{\s*(["']?)(?:${keys})\1\s*:`, 'g');
  return Array.from(list.matchAll(rowStart), ({ index }) => index);
}
