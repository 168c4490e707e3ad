import prettyMilliseconds from 'pretty-ms';
import { harmlessLine } from '../../process/harmless-text.js';

/** A name and a value, shown next to each other. */
export type Field = readonly [name: string, value: string];

/** Returns fields as lines with aligned values. */
export function aligned(fields: readonly Field[]): string[] {
  const width = Math.max(0, ...fields.map(([name]) => name.length));
  return fields.map(([name, value]) => `${name.padEnd(width)}  ${value}`);
}

/** Returns a title with its lines indented below it; empty if there are no lines. */
export function section(title: string, lines: readonly string[]): string[] {
  return lines.length === 0 ? [] : [title, ...lines.map((line) => `  ${line}`)];
}

/** Joins sections with an empty line between; skips empty ones. Line ends within a line are escaped. */
export function sectionsText(sections: readonly (readonly string[])[]): string {
  return sections
    .filter((lines) => lines.length > 0)
    .map((lines) => lines.map(harmlessLine).join('\n'))
    .join('\n\n');
}

/** Returns a duration with all its units, as "1h 2m 3s". */
export function exactDuration(seconds: number): string {
  return prettyMilliseconds(seconds * 1_000);
}

/** Returns a duration with its two largest units, as "1h 2m". */
export function roughDuration(seconds: number): string {
  return prettyMilliseconds(seconds * 1_000, { unitCount: 2 });
}
