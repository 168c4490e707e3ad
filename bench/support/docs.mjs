/** The tables of `docs/benchmarks.md`. The text around them is written by hand. */
import { readFile, writeFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { table } from './table.mjs';

const DOCUMENT = fileURLToPath(new URL('../../docs/benchmarks.md', import.meta.url));

/** Replaces the table of each part that was measured. Throws if the document has lost a marker. */
export async function writeDocs({ at, machine, versions, measured }) {
  const { format, resolveConfig } = await import('prettier');
  let text = await readFile(DOCUMENT, 'utf8');
  for (const part of measured) {
    const where = `${at.slice(0, 10)}, ${machine.cores} cores (${machine.cpu}), ${machine.memoryGib} GiB`;
    const what = `callweave ${versions.callweave} (${versions.commit ?? 'no commit'}), Node.js ${versions.node}`;
    text = replacePart({
      text,
      name: part.name,
      by: `${where}, ${what}. ${conditionsText(part)}\n\n${table(part.results)}`,
    });
  }
  const options = { ...(await resolveConfig(DOCUMENT)), filepath: DOCUMENT };
  await writeFile(DOCUMENT, await format(text, options));
}

/** Returns the sizes, the time and the load of a part, in one line. */
export function conditionsText({ sizes, isSmall, seconds, loadBefore, loadAfter }) {
  const sizesText = Object.entries(sizes).map(([name, size]) => `${name} ${size.toLocaleString('en')}`);
  const small = isSmall ? ' SMALL SIZES: no goal is judged.' : '';
  const load = `load average ${loadBefore.toFixed(1)} before and ${loadAfter.toFixed(1)} after`;
  return `Sizes: ${sizesText.join(', ')}; ${seconds} s; ${load}.${small}`;
}

function replacePart({ text, name, by }) {
  const [begin, end] = ['begin', 'end'].map((side) => `<!-- ${name}:${side} -->`);
  const [beginAt, endAt] = [text.indexOf(begin), text.indexOf(end)];
  if (beginAt < 0 || endAt < beginAt) {
    throw new Error(`docs/benchmarks.md has lost its markers ${begin} and ${end}: put them back`);
  }
  return `${text.slice(0, beginAt)}${begin}\n\n${by}\n\n${text.slice(endAt)}`;
}
