import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';

const SOURCE = join(import.meta.dirname, '../src');
const EXPORTED =
  /^export (?:declare )?(?:abstract )?(?:async )?(?:interface|type|class|function\*?|const|let|enum) (?<name>[\w$]+)/gm;

/** Maps each exported name to the files that export it. */
function filesByName(): Map<string, string[]> {
  const files = new Map<string, string[]>();
  const paths = readdirSync(SOURCE, { recursive: true, encoding: 'utf8' });
  for (const file of paths.filter((path) => path.endsWith('.ts'))) {
    const text = readFileSync(join(SOURCE, file), 'utf8');
    const names = new Set(Array.from(text.matchAll(EXPORTED), ({ groups }) => groups?.['name'] ?? ''));
    for (const name of names) files.set(name, [...(files.get(name) ?? []), file]);
  }
  return files;
}

describe('a name that src exports', () => {
  it('is exported by one file only, except the `register` of each command', () => {
    const files = filesByName();

    expect(files.size).toBeGreaterThan(500);
    expect([...files].filter(([name, exporting]) => exporting.length > 1 && name !== 'register')).toEqual([]);
  });
});
