import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { licencesOf } from '../../src/worker/bundle-licences.js';

/** Writes files, and returns the path of their folder, which exists until the test ends. */
function folderOf(files: Readonly<Record<string, string>>): string {
  const folder = mkdtempSync(join(tmpdir(), 'callweave-licences-'));
  onTestFinished(() => {
    rmSync(folder, { recursive: true });
  });
  for (const [path, content] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), content);
  }
  return folder;
}

describe('the licences of a bundle', () => {
  it('are those of each package with a file in it, once, also of one inside another', async () => {
    const folder = folderOf({
      'node_modules/a/package.json': '{ "name": "a", "version": "1.0.0" }',
      'node_modules/a/LICENSE': 'Copyright A\n',
      'node_modules/a/node_modules/@b/c/package.json': '{ "name": "@b/c", "version": "2.0.0" }',
      'node_modules/a/node_modules/@b/c/license.md': 'Copyright C',
      'node_modules/a/node_modules/@b/c/NOTICE': 'Made by C',
      'node_modules/unused/package.json': '{ "name": "unused", "version": "3.0.0" }',
    });
    const files = ['node_modules/a/x.js', 'node_modules/a/lib/y.js', 'node_modules/a/node_modules/@b/c/z.js', 'own.js'];

    const [, ...sections] = (await licencesOf(files.map((file) => join(folder, file)))).split(/\n\n={100}\n/);

    expect(sections).toEqual(['@b/c 2.0.0\n\nMade by C\n\nCopyright C', 'a 1.0.0\n\nCopyright A']);
  });

  it('are refused if a package has none', async () => {
    const folder = folderOf({ 'node_modules/bare/package.json': '{ "name": "bare", "version": "1.0.0" }' });

    await expect(licencesOf([join(folder, 'node_modules/bare/index.js')])).rejects.toThrow(
      'bare 1.0.0 has no licence text',
    );
  });
});
