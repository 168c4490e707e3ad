import { readFile, readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { execa } from 'execa';
import { describe, expect, it } from 'vitest';
import type { DevResult } from '../../src/dev/run-dev.js';
import { createSampleFeed } from '../../src/sample/feed/feed.js';
import { servedCrediraAccount, servedInvocaAccount } from '../../src/sample/sample-account.js';
import { temporaryFolder } from '../support/temporary-folder.js';
import { installed, packageFolder } from './installed.js';

/** More calls than the sample gets while a run lasts; a new one comes every ten seconds. */
const NEW_CALLS = 200;

/** Number of calls that the feed of a run had when it began. */
async function callsAtStart(cwd: string): Promise<number> {
  const state = JSON.parse(await readFile(join(cwd, '.callweave/sample.json'), 'utf8')) as { endsAt: string };
  const endsAt = new Date(state.endsAt);
  const { rows } = createSampleFeed({ seed: servedInvocaAccount.seed, endsAt });
  const available = rows.filter(({ availableAt }) => availableAt <= endsAt);
  return new Set(available.map(({ row }) => (row as { complete_call_id: string }).complete_call_id)).size;
}

/** Maps each file and folder of the installed package to the time of its last change. */
async function changesByPath(): Promise<Record<string, number>> {
  const folder = packageFolder('full');
  const paths = ['.', ...(await readdir(folder, { recursive: true }))];
  const changes = paths.map(async (path) => [path, (await stat(join(folder, path))).mtimeMs] as const);
  return Object.fromEntries(await Promise.all(changes));
}

describe('the installed package', { timeout: 1_200_000 }, () => {
  it('drains the whole sample on this version of Node.js, and writes nothing into its own folder', async () => {
    expect((await execa('node', ['--version'])).stdout, 'the version that the program runs on').toBe(process.version);
    const before = await changesByPath();
    const cwd = await temporaryFolder();

    const { exitCode, stdout, stderr } = await installed('full', ['dev', '--once', '--json'], { cwd });

    expect(exitCode, stderr).toBe(0);
    const { drains, invoices, stored, examples } = JSON.parse(stdout) as DevResult;
    const atStart = await callsAtStart(cwd);
    expect(atStart).toBe(2_000);
    // Its rows may be fewer than those of the sample, because a scheduled drain may read some of them.
    expect(drains).toMatchObject([{ account: servedInvocaAccount.name, ended: 'caught-up', rejects: 0 }]);
    expect(Object.keys(stored)).toEqual([servedInvocaAccount.name, servedCrediraAccount.name]);
    const { calls = 0, transcripts = {} } = stored[servedInvocaAccount.name] ?? {};
    expect(calls).toBeGreaterThanOrEqual(atStart);
    expect(calls).toBeLessThan(atStart + NEW_CALLS);
    expect(transcripts.available).toBeGreaterThan(0);
    expect(invoices).toHaveLength(1);
    expect(stored[servedCrediraAccount.name]?.calls).toBeGreaterThan(50);
    expect(examples).toHaveLength(2);
    expect(await changesByPath()).toEqual(before);
  });
});
