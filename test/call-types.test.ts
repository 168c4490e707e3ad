import { copyFile, cp, mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { compile } from './support/compile.js';
import { temporaryFolder } from './support/temporary-folder.js';

const root = join(import.meta.dirname, '..');

/** Installs what `package.json` and the build say of `callweave/call`, and nothing else, in a new folder. */
async function folderOfReader(): Promise<string> {
  const folder = await temporaryFolder();
  const installed = join(folder, 'node_modules/callweave');
  await mkdir(join(installed, 'dist'), { recursive: true });
  await copyFile(join(root, 'package.json'), join(installed, 'package.json'));
  for (const file of ['call.js', 'call.d.ts']) await cp(join(root, 'dist', file), join(installed, 'dist', file));
  await writeFile(join(folder, 'package.json'), '{ "type": "module" }');
  return folder;
}

const READER = `
import { type ExportedCall, type ExportedErasure, type ExportedLine } from 'callweave/call';

export function startOf(text: string): Date | null {
  const line = JSON.parse(text) as ExportedLine;
  return 'erased' in line ? goneAt(line) : begunAt(line);
}

function goneAt({ erasedAt }: ExportedErasure): Date {
  return new Date(erasedAt);
}

function begunAt(call: ExportedCall): Date | null {
  const legs: number = call.source === 'invoca' ? call.legs.length : Object.keys(call.credira).length;
  const spoken: string | null | undefined = call.transcript.text;
  return call.startedAt === null || spoken === undefined ? null : new Date(Date.parse(call.startedAt) + legs);
}
`;

describe('callweave/call', () => {
  it('has types that stand alone, for a program that reads an export', async () => {
    const folder = await folderOfReader();

    expect(await compile(folder, READER)).toEqual([]);
    // The module exists for Node.js too: imports of types that the compiler keeps do not fail.
    const { startOf } = (await import(join(folder, 'reader.js'))) as { startOf: (text: string) => Date | null };
    expect(startOf('{"erased":true,"erasedAt":"2024-06-02T17:05:00.000Z"}')).toEqual(new Date('2024-06-02T17:05:00Z'));
  });

  it('refuses a program that takes a time for a Date, or forgets that a value may be unknown', async () => {
    const folder = await folderOfReader();
    const wrong = READER.replace('new Date(erasedAt)', 'erasedAt').replace(': string | null | undefined', ': string');

    expect(await compile(folder, wrong)).toEqual([
      `Type 'string' is not assignable to type 'Date'.`,
      expect.stringContaining(`Type 'string | null | undefined' is not assignable to type 'string'.`),
    ]);
  });
});
