import { access, readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { resolveBinary, type BinarySource, type ResolvedBinary } from '../../src/embedded/binary.js';
import { wheelSource } from '../../src/embedded/wheel.js';
import { temporaryFolder } from '../support/temporary-folder.js';

function sourceOf(label: string, fetch: BinarySource['fetch']): BinarySource {
  return { label, folder: label, program: 'server', fetch };
}

function failing(label: string): BinarySource {
  return sourceOf(label, () => Promise.reject(new Error(`${label} is closed`)));
}

function working(label: string): BinarySource {
  return sourceOf(label, (folder) => writeFile(join(folder, 'server'), '#!/bin/sh\n'));
}

interface Resolution {
  readonly binary: ResolvedBinary;
  readonly lines: readonly string[];
}

async function resolve(cacheDir: string, sources: readonly BinarySource[]): Promise<Resolution> {
  const lines: string[] = [];
  const say = (line: string): unknown => lines.push(line);
  const binary = await resolveBinary({ server: 'Thing', command: 'no-such-command', sources, cacheDir, say });
  return { binary, lines };
}

describe('resolveBinary', () => {
  it('takes a command that is on PATH', async () => {
    const cacheDir = await temporaryFolder();

    const found = await resolveBinary({ server: 'Node', command: 'node', sources: [], cacheDir, say: () => undefined });

    expect(found).toEqual({ path: 'node', source: null });
  });

  it('downloads from the first source that works, and reports why the others do not', async () => {
    const second = working('second');

    const { binary, lines } = await resolve(await temporaryFolder(), [failing('first'), second]);

    expect(binary.source).toBe(second);
    await access(binary.path, 1);
    expect(lines).toContain('Thing: the first could not be downloaded: first is closed');
  });

  it('downloads nothing if any source was downloaded earlier', async () => {
    const cacheDir = await temporaryFolder();
    const { binary } = await resolve(cacheDir, [working('second')]);

    const again = await resolve(cacheDir, [failing('first'), failing('second')]);

    expect(again.binary.path).toBe(binary.path);
    expect(again.lines).toHaveLength(1);
  });

  it('gives two processes that download at once the same complete program, and leaves no temporary files', async () => {
    const cacheDir = await temporaryFolder();

    const both = await Promise.all([resolve(cacheDir, [working('only')]), resolve(cacheDir, [working('only')])]);

    expect(both.map(({ binary }) => binary.path)).toEqual(Array(2).fill(join(cacheDir, 'only', 'server')));
    expect(await readdir(cacheDir)).toEqual(['only']);
  });

  it('says what to install if a source lacks its optional package, whatever was downloaded earlier', async () => {
    const cacheDir = await temporaryFolder();
    await resolve(cacheDir, [working('second')]);
    const first = { ...failing('first'), optionalPackage: 'a-package-that-is-not-installed' };

    await expect(resolve(cacheDir, [first, working('second')])).rejects.toThrow(
      /^Cannot start Thing: the package a-package-that-is-not-installed is not installed.*"npm install @temporalio\/testing@\S+ mongodb-memory-server-core@\S+"/,
    );
  });

  it('leaves no files and says what to do if every source fails', async () => {
    const cacheDir = await temporaryFolder();

    await expect(resolve(cacheDir, [failing('first'), failing('second')])).rejects.toThrow(
      'Cannot start Thing: "no-such-command" is not on PATH and no download worked',
    );
    expect(await readdir(cacheDir)).toEqual([]);
  });
});

describe('wheelSource', () => {
  it('says that there is no wheel for this machine', async () => {
    const source = wheelSource({ distribution: 'nothing', version: '1', programs: {} });

    await expect(source.fetch(await temporaryFolder())).rejects.toThrow(
      `there is no wheel for ${process.platform}-${process.arch}`,
    );
  });
});
