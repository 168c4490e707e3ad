import { addDays, type Days } from './days.js';

/** The same days in as few ranges as they can be told in, the earliest first. They may overlap. */
export function joinDays(ranges: readonly Days[]): Days[] {
  const joined: Days[] = [];
  for (const days of [...ranges].sort((a, b) => (a.from < b.from ? -1 : 1))) {
    const last = joined.at(-1);
    if (last === undefined || days.from > addDays(last.to, 1)) joined.push({ from: days.from, to: days.to });
    else joined[joined.length - 1] = { from: last.from, to: last.to > days.to ? last.to : days.to };
  }
  return joined;
}
