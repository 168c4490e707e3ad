import prettyMilliseconds from 'pretty-ms';
import { harmlessLine } from '../../process/harmless-text.js';

/** A name and a value, shown beside each other. */
export type Field = readonly [name: string, value: string];

/** Fields as lines, their values below each other. */
export function aligned(fields: readonly Field[]): string[] {
  const width = Math.max(0, ...fields.map(([name]) => name.length));
  return fields.map(([name, value]) => `${name.padEnd(width)}  ${value}`);
}

/** A title with its lines indented below it; nothing where there are none. */
export function section(title: string, lines: readonly string[]): string[] {
  return lines.length === 0 ? [] : [title, ...lines.map((line) => `  ${line}`)];
}

/** Sections with an empty line between; one without lines is left out. A value cannot make another line of itself. */
export function sectionsText(sections: readonly (readonly string[])[]): string {
  return sections
    .filter((lines) => lines.length > 0)
    .map((lines) => lines.map(harmlessLine).join('\n'))
    .join('\n\n');
}

/** A length of time with all its units, as "1h 2m 3s". */
export function exactDuration(seconds: number): string {
  return prettyMilliseconds(seconds * 1_000);
}

/** A length of time with its two largest units, as "1h 2m". */
export function roughDuration(seconds: number): string {
  return prettyMilliseconds(seconds * 1_000, { unitCount: 2 });
}
