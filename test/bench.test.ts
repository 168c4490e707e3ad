import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { execa } from 'execa';
import { describe, expect, it } from 'vitest';

const root = fileURLToPath(new URL('../', import.meta.url));

function bench(...args: string[]) {
  return execa('node', ['scripts/bench.mjs', ...args], { cwd: root, reject: false });
}

describe('npm run bench', () => {
  it('lists its parts, each with a place for its table in the document', async () => {
    const { exitCode, stdout } = await bench('--help');
    const parts = Array.from(stdout.matchAll(/^ {2}([a-z]+) /gm), ([, name = '']) => name);

    expect(exitCode).toBe(0);
    expect(parts).toEqual(['drain', 'memory', 'rate', 'looks', 'workers', 'scale', 'freshness']);
    const document = await readFile(`${root}docs/benchmarks.md`, 'utf8');
    expect(document.match(/<!-- [a-z]+:(begin|end) -->/g)).toEqual(
      parts.flatMap((name) => [`<!-- ${name}:begin -->`, `<!-- ${name}:end -->`]),
    );
  });

  it('refuses to write figures of small sizes into the document', async () => {
    const { exitCode, stderr } = await bench('drain', '--rows', '100', '--docs');

    expect({ exitCode, stderr }).toMatchObject({ exitCode: 2, stderr: expect.stringContaining('--docs') as string });
  });
});
