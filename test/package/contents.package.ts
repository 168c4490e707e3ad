import { readdirSync, readFileSync, statSync } from 'node:fs';
import { isAbsolute, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { execa } from 'execa';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { compile } from '../support/compile.js';
import { enginesWithout } from '../support/engines.js';
import { packageFolder, packagesFolder, projectFolder } from './installed.js';

const root = fileURLToPath(new URL('../../', import.meta.url));

/** Paths of the files below a folder, relative to it. */
function filesOf(folder: string): string[] {
  const entries = readdirSync(folder, { recursive: true, withFileTypes: true });
  return entries
    .filter((entry) => entry.isFile())
    .map(({ parentPath, name }) => join(parentPath, name).slice(folder.length));
}

describe('the npm package', { timeout: 120_000 }, () => {
  it('contains each compiled source, the workflow bundle and its licences, the types of a document and the documents, and nothing else', () => {
    const sources = filesOf(join(root, 'src/')).filter((path) => !path.endsWith('.d.ts'));

    expect(filesOf(`${packageFolder('full')}/`).toSorted()).toEqual(
      [
        ...['.env.example', 'CHANGELOG.md', 'CONTRIBUTING.md', 'LICENSE', 'README.md', 'SECURITY.md', 'package.json'],
        ...['dist/call.d.ts', 'dist/call.js', 'dist/workflow-bundle.js', 'dist/workflow-bundle.LICENCES.txt'],
        ...sources.map((path) => `dist/${path.replace(/\.ts$/, '.js')}`),
        ...filesOf(join(root, 'docs/'))
          .filter((path) => !path.startsWith('images/'))
          .map((path) => `docs/${path}`),
      ].toSorted(),
    );
  });

  it('names the sources of the workflows without the folder they were built in', () => {
    const bundle = readFileSync(`${packageFolder('full')}/dist/workflow-bundle.js`, 'utf8');
    const [, encoded = ''] = /sourceMappingURL=data:application\/json[^,]*,(\S+)/.exec(bundle) ?? [];
    const { sources } = z
      .object({ sources: z.array(z.string()) })
      .parse(JSON.parse(Buffer.from(encoded, 'base64').toString()));

    expect(sources).toContain('src/workflows/feed/drain.ts');
    expect(sources.filter((path) => path.startsWith('..') || isAbsolute(path))).toEqual([]);
  });

  it('is smaller than 1 MB', () => {
    const [tarball = ''] = readdirSync(packagesFolder()).filter((file) => file.endsWith('.tgz'));

    expect(statSync(join(packagesFolder(), tarball)).size).toBeLessThan(1_000_000);
  });

  it('exports the types of an exported line, for TypeScript and for Node.js', async () => {
    const cwd = projectFolder('full');
    const reader = `
      import type { ExportedLine } from 'callweave/call';
      declare const line: ExportedLine;
      if ('erased' in line) line.erasedAt satisfies string;`;

    expect(await compile(cwd, reader)).toEqual([]);
    const run = await execa('node', ['--eval', "import('callweave/call').then(Object.keys).then(console.log)"], {
      cwd,
    });
    expect(run.stdout).toBe('[]');
  });

  it('leaves out the optional packages, and those that only they need, if npm is told to', () => {
    const packages = (installation: 'full' | 'bare'): string[] =>
      readdirSync(join(projectFolder(installation), 'node_modules'));

    expect(packages('full')).toContain('mongodb-memory-server-core');
    expect(readdirSync(join(projectFolder('full'), 'node_modules/@temporalio'))).toContain('testing');
    expect(packages('bare')).not.toContain('mongodb-memory-server-core');
    expect(readdirSync(join(projectFolder('bare'), 'node_modules/@temporalio'))).not.toContain('testing');
  });

  it('depends only on releases that run on the oldest Node.js of its own', () => {
    const lock = readFileSync(join(projectFolder('full'), 'node_modules/.package-lock.json'), 'utf8');

    expect(enginesWithout(lock)).toEqual([]);
  });
});
