import { addDays, type Days } from './days.js';

/** The same days in as few ranges as they can be told in, the earliest first. The windows may overlap. */
export function joinDays(windows: readonly Days[]): Days[] {
  const joined: Days[] = [];
  for (const window of [...windows].sort((a, b) => (a.from < b.from ? -1 : 1))) {
    const last = joined.at(-1);
    if (last === undefined || window.from > addDays(last.to, 1)) joined.push({ from: window.from, to: window.to });
    else joined[joined.length - 1] = { from: last.from, to: last.to > window.to ? last.to : window.to };
  }
  return joined;
}
