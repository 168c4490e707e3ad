import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { execa } from 'execa';
import { describe, expect, it } from 'vitest';
import { temporaryFolder } from '../support/temporary-folder.js';

const root = fileURLToPath(new URL('../../', import.meta.url));
const program = join(root, 'scripts/release.mjs');

const MANIFEST = { version: '0.2.0', repository: { type: 'git', url: 'git+https://github.com/acme/callweave.git' } };
const CHANGELOG = `# Changelog

Newest first.

## Unreleased

## 0.2.0 - 2027-01-31

### What it does

- It weaves
  faster.

## 0.1.0 - 2026-12-01

The first version.
`;

interface Files {
  readonly manifest?: object;
  readonly changelog?: string;
}

/** Runs the program in a folder with these files. */
async function release(args: readonly string[], { manifest = MANIFEST, changelog = CHANGELOG }: Files = {}) {
  const cwd = await temporaryFolder();
  await writeFile(join(cwd, 'package.json'), JSON.stringify(manifest));
  await writeFile(join(cwd, 'CHANGELOG.md'), changelog);
  return execa('node', [program, ...args], { cwd, env: { GITHUB_REPOSITORY: 'acme/callweave' }, reject: false });
}

describe('node scripts/release.mjs check', () => {
  it('accepts the tag of a version that is described in the changelog', async () => {
    expect(await release(['check', 'v0.2.0'])).toMatchObject({ exitCode: 0, stdout: '', stderr: '' });
  });

  it('refuses this repository in one line, as long as its package is private', async () => {
    const { exitCode, stderr } = await execa('node', [program, 'check', 'v9.9.9'], { cwd: root, reject: false });

    expect({ exitCode, stderr }).toEqual({
      exitCode: 1,
      stderr:
        'Cannot release v9.9.9: package.json says "private": true. Its owner decides on that; see "Releases" in ' +
        'CONTRIBUTING.md.',
    });
  });

  it('says everything that is wrong', async () => {
    const manifest = { ...MANIFEST, repository: { type: 'git', url: 'git+https://github.com/other/callweave.git' } };
    const changelog = '# Changelog\n\n## Unreleased\n\n- Something new.\n\n## 0.2.0 - 2027-02-30\n';

    const { exitCode, stderr } = await release(['check', 'v0.3.0'], { manifest, changelog });

    expect(exitCode).toBe(1);
    expect(stderr.split('\n')).toEqual([
      'Cannot release v0.3.0: package.json has the version 0.2.0, so the tag must be v0.2.0.',
      'Cannot release v0.3.0: the field repository.url of package.json must be git+https://github.com/acme/callweave.git.',
      'Cannot release v0.3.0: the heading of 0.2.0 in CHANGELOG.md needs a date: "## 0.2.0 - 2026-12-01".',
      'Cannot release v0.3.0: the section 0.2.0 of CHANGELOG.md is empty.',
      'Cannot release v0.3.0: CHANGELOG.md has changes under "Unreleased": move them to 0.2.0, or leave them out.',
    ]);
  });

  it.each([
    ['a section', { changelog: '# Changelog\n\n## 0.1.0 - 2026-12-01\n\nThe first.\n' }, '## 0.2.0 - <date>'],
    ['a date', { changelog: '# Changelog\n\n## 0.2.0\n\nThe second.\n' }, 'needs a date'],
    ['a repository', { manifest: { version: '0.2.0' } }, 'repository.url'],
    ['a version of three numbers', { manifest: { ...MANIFEST, version: '0.2.0-rc.1' } }, '0.2.0-rc.1'],
  ])('refuses a version without %s', async (_what, files, reason) => {
    const { exitCode, stderr } = await release(['check', 'v0.2.0'], files);

    expect({ exitCode, stderr }).toMatchObject({ exitCode: 1, stderr: expect.stringContaining(reason) as string });
  });
});

describe('node scripts/release.mjs notes', () => {
  it('prints the section of the version alone', async () => {
    const { stdout } = await release(['notes', 'v0.2.0']);

    expect(stdout).toBe('### What it does\n\n- It weaves\n  faster.');
  });

  it('fails if there is none', async () => {
    const { exitCode, stderr } = await release(['notes', 'v0.3.0']);

    expect({ exitCode, stderr }).toMatchObject({
      exitCode: 1,
      stderr: expect.stringContaining('CHANGELOG.md has no section for v0.3.0') as string,
    });
  });
});
