import { fileURLToPath } from 'node:url';
import { execa } from 'execa';
import { describe, expect, it } from 'vitest';

const root = fileURLToPath(new URL('../', import.meta.url));

function script(file: string, ...args: string[]) {
  return execa('node', [`scripts/${file}`, ...args], { cwd: root, reject: false });
}

describe.each([
  [
    'test-nodes.mjs',
    expect.arrayContaining(['package', '20.19.0']) as string[],
    '26',
    ['27', /^error: no part is named 27: the parts are package, 20\.19\.0, 22\./],
  ],
  [
    'check-deploy.mjs',
    ['workflows', 'prometheus', 'queries', 'dockerfile', 'image', 'sbom', 'compose', 'kubernetes'],
    'image',
    ['images', /^error: no part is named images: the parts are workflows, /],
  ],
] as const)('scripts/%s', (file, parts, known, [unknown, refusal]) => {
  it('lists its parts', async () => {
    const { exitCode, stdout } = await script(file, '--help');

    expect(exitCode).toBe(0);
    expect(Array.from(stdout.matchAll(/^ {2}(\S+) +\S/gm), ([, name]) => name)).toEqual(parts);
  });

  it('takes the name of a part', async () => {
    expect(await script(file, known, '--help')).toMatchObject({ exitCode: 0 });
  });

  it.each([
    [unknown, refusal],
    ['--quick', /^error: Unknown option '--quick'/],
  ])('refuses %s before it runs anything', async (argument, words) => {
    const { exitCode, stdout, stderr } = await script(file, argument);

    expect({ exitCode, stdout }).toEqual({ exitCode: 2, stdout: '' });
    expect(stderr).toMatch(words);
  });
});
