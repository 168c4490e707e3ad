import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';

/** Makes a folder that is removed after the running test. */
export async function temporaryFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'callweave-test-'));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  return folder;
}

/** Makes such a folder with a name full of characters that have a meaning in URIs, shells and lines of text. */
export async function oddlyNamedFolder(): Promise<string> {
  const folder = join(await temporaryFolder(), `-100%20 #1?mode=memory&x;'"$(id)\`id\`:ü\n `);
  await mkdir(folder);
  return folder;
}
