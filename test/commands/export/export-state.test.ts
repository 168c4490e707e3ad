import { mkdir, readFile, readdir, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { openStateFile } from '../../../src/operations/export/state-file.js';
import { callDocuments, insertCalls } from '../../support/pending-calls.js';
import { callweave } from '../../support/program.js';
import { runCommandLine, type CliRun } from '../../support/run-cli.js';
import { temporaryFolder } from '../../support/temporary-folder.js';
import { useTestDatabase } from '../../support/test-database.js';

const mongodb = useTestDatabase();

function settingsOf(account: string, database = mongodb.database) {
  return {
    MONGODB_URI: mongodb.uri,
    MONGODB_DATABASE: database,
    INVOCA_BASE_URL: 'https://example.invoca.net',
    INVOCA_ID: '1',
    INVOCA_TOKEN: 'no-token',
    INVOCA_ACCOUNT: account,
    INVOCA_TIME_ZONE: 'America/Los_Angeles',
  };
}

async function exported(account: string, args: readonly string[], database?: string): Promise<CliRun> {
  return runCommandLine({ argv: ['export', ...args], env: settingsOf(account, database) });
}

async function store(account: string, callIds: readonly string[], padding = ''): Promise<void> {
  const aDocument = callDocuments(account);
  await insertCalls(
    mongodb.db,
    callIds.map((callId) => ({ ...aDocument(callId), columns: { padding }, updatedAt: new Date() })),
  );
}

function linesOf({ stdout }: CliRun): unknown[] {
  return stdout
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as unknown);
}

describe('callweave export --state', () => {
  it('gives what changed since the last run, in either format, and then nothing', async () => {
    await store('changes', ['A', 'B']);
    const folder = await temporaryFolder();
    const file = join(folder, 'state.json');
    const first = await exported('changes', ['--state', file]);
    expect(linesOf(first), first.stderr).toHaveLength(2);

    await mongodb.store.erasures.eraseCalls(['changes:A'], new Date());
    const second = await exported('changes', ['--state', file]);
    expect(linesOf(second)).toMatchObject([{ _id: 'changes:A', erased: true }]);
    expect(second.stderr).toContain('changes: 0 calls, 1 erased');
    expect(await exported('changes', ['--state', file])).toMatchObject({ exitCode: 0, stdout: '' });

    const csv = ['--format', 'csv', '--state', join(folder, 'csv')];
    const table = (await exported('changes', csv)).stdout.split('\n');
    expect(table).toHaveLength(4);
    expect((await exported('changes', csv)).stdout, 'each run is a table').toBe(`${table[0]}\n`);
    expect((await readdir(folder)).toSorted()).toEqual(['csv', 'state.json']);
  });

  it('refuses the file of another export, and leaves it as it is', async () => {
    await store('own', ['A']);
    const file = join(await temporaryFolder(), 'state.json');
    await exported('own', ['--state', file]);
    const before = await readFile(file, 'utf8');

    for (const [run, difference] of [
      [await exported('other', ['--state', file]), 'account is own there and other here'],
      [await exported('own', ['--state', file], 'another'), `database is ${mongodb.database} there and another here`],
      [await exported('own', ['--state', file, '--format', 'csv']), '--format is ndjson there and csv here'],
      [await exported('own', ['--state', file, '--transcripts']), '--transcripts is false there and true here'],
      [
        await exported('own', ['--state', file, '--from', '2024-05-01', '--to', '2024-05-02']),
        '--from is not set there and 2024-05-01 here, --to is not set there and 2024-05-02 here',
      ],
    ] as const) {
      expect(run).toMatchObject({ exitCode: 2, stdout: '' });
      expect(run.stderr).toContain(difference);
    }
    expect(await readFile(file, 'utf8')).toBe(before);
    expect(linesOf(await exported('own', ['--state', file]))).toEqual([]);
  });

  it('refuses a file that is broken or cannot be made, before it writes anything', async () => {
    await store('refused', ['A']);
    const folder = await temporaryFolder();
    const file = join(folder, 'state.json');
    await exported('refused', ['--state', file]);
    const whole = await readFile(file, 'utf8');
    const broken = [whole.slice(0, -9), '', 'x', '{}', '[]', whole.replace('"since":"', '"since":"x')];
    for (const [index, text] of broken.entries()) {
      const path = join(folder, `broken-${index}`);
      await writeFile(path, text);
      expect(await exported('refused', ['--state', path])).toMatchObject({ exitCode: 2, stdout: '' });
      expect(await readFile(path, 'utf8')).toBe(text);
    }
    await symlink(join(folder, 'nowhere'), join(folder, 'dangling'));
    for (const path of [
      '-',
      folder,
      '/dev/null',
      join(folder, 'none', 'state'),
      join(file, 'x'),
      join(folder, 'dangling'),
    ]) {
      const run = await exported('refused', ['--state', path]);
      expect(run, path).toMatchObject({ exitCode: 2, stdout: '' });
      expect(run.stderr).toContain(`--state ${path} `);
    }
    const both = await exported('refused', ['--state', file, '--changed-since', '2024-05-01T00:00:00Z']);
    expect(both).toMatchObject({ exitCode: 2, stdout: '' });
  });

  it('refuses a second run at once, and moves no file that another run has moved', async () => {
    const file = join(await temporaryFolder(), 'state.json');
    const days = { from: null, to: null, timeZone: null };
    const identity = {
      account: 'busy',
      database: mongodb.database,
      format: 'ndjson',
      transcripts: false,
      ...days,
    } as const;
    const state = { collection: null, since: new Date(), given: [] };
    const running = await openStateFile({ path: file, identity });
    const second = await exported('busy', ['--state', file]);
    expect(second).toMatchObject({ exitCode: 2, stdout: '' });
    expect(second.stderr).toContain(`in use by the export of process ${process.pid}`);

    await writeFile(file, 'of a run on another computer');
    await expect(running.save(state)).rejects.toThrow(/another run moved it/);
    expect(await readFile(file, 'utf8')).toBe('of a run on another computer');
    await running.close();
  });

  it('follows a link to the file', async () => {
    await store('linked', ['A']);
    const folder = await temporaryFolder();
    await mkdir(join(folder, 'real'));
    await exported('linked', ['--state', join(folder, 'real', 'state')]);
    await symlink(join(folder, 'real', 'state'), join(folder, 'link'));

    await store('linked', ['B']);
    expect(linesOf(await exported('linked', ['--state', join(folder, 'link')]))).toMatchObject([{ callId: 'B' }]);
    expect(linesOf(await exported('linked', ['--state', join(folder, 'real', 'state')]))).toEqual([]);
  });

  it.each(['SIGKILL', 'a reader that goes away'])('moves nothing after %s in the middle', async (end) => {
    const account = end === 'SIGKILL' ? 'killed' : 'left';
    await store(
      account,
      Array.from({ length: 200 }, (_, index) => `CALL-${index}`),
      'x'.repeat(20_000),
    );
    const cwd = await temporaryFolder();
    const program = callweave(['export', '--state', 'state.json'], { cwd, env: settingsOf(account) });
    program.stdout.once('data', () => {
      if (end === 'SIGKILL') program.kill('SIGKILL');
      else program.stdout.destroy();
    });
    await program;
    expect(await readdir(cwd)).toEqual(end === 'SIGKILL' ? ['state.json.callweave-lock'] : []);

    expect(linesOf(await exported(account, ['--state', join(cwd, 'state.json')]))).toHaveLength(200);
    expect(await readdir(cwd)).toEqual(['state.json']);
  });
});
