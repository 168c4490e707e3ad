import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';

/** A new folder that is removed after the running test. */
export async function temporaryFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'callweave-test-'));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  return folder;
}

/** The same, in a folder whose name means something else to a URI, a shell, and whoever splits a line. */
export async function oddlyNamedFolder(): Promise<string> {
  const folder = join(await temporaryFolder(), `-100%20 #1?mode=memory&x;'"$(id)\`id\`:ü\n `);
  await mkdir(folder);
  return folder;
}
