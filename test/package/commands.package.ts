import { mkdir, symlink } from 'node:fs/promises';
import { join } from 'node:path';
import getPort from 'get-port';
import pMap from 'p-map';
import { describe, expect, it } from 'vitest';
import { commands } from '../../src/commands/table.js';
import { allCommands, fullName, readingExamples, wordsOf } from '../support/examples.js';
import { untilSaid } from '../support/program.js';
import { temporaryFolder } from '../support/temporary-folder.js';
import { installed } from './installed.js';

/** Progress line when all calls of the sample are drained. */
const ALL_DRAINED = /sample: [^|]* 2,0\d\d calls/;

/** Run before the examples, one of which shows it. */
const BACKFILL = ['backfill', '--from', '2025-03-01', '--to', '2025-03-31', '--wait'];

/** Commands that no example of the help screens runs, because they change something. */
const CHANGING = [
  ['drain', '--wait'],
  ['transcripts', '--account', 'sample-credira'],
  ['verify', '--from', '2025-03-01', '--to', '2025-03-02', '--wait'],
  ['remerge', '--from', '2025-03-01', '--to', '2025-03-02', '--wait'],
];

/** Runs a worker until it is ready, then ends it as a supervisor does; returns its exit code. */
async function endOfWorker(installation: 'full' | 'bare', cwd: string): Promise<number | undefined> {
  const healthAddress = `127.0.0.1:${await getPort()}`;
  const worker = installed(installation, ['worker'], { cwd, env: { CALLWEAVE_HEALTH_ADDRESS: healthAddress } });
  const readiness = (): Promise<string> =>
    fetch(`http://${healthAddress}/readyz`).then(
      (answer) => answer.text(),
      () => '',
    );
  await expect.poll(readiness, { timeout: 60_000 }).toBe('ok\n');
  worker.kill('SIGTERM');
  return (await worker).exitCode;
}

describe('the installed program', { timeout: 1_200_000 }, () => {
  it('shows the help of every command, also without the optional packages', async () => {
    const cwd = await temporaryFolder();
    const names = (await allCommands()).map(fullName);

    const failed = await pMap(
      names,
      async (name) => {
        const { exitCode, stdout, stderr } = await installed('bare', [...name.split(' ').slice(1), '--help'], { cwd });
        return exitCode === 0 && stdout.startsWith(`Usage: ${name}`) ? [] : [`${name}: ${stderr}`];
      },
      { concurrency: 2 },
    );

    expect(names.length).toBeGreaterThan(40);
    expect(failed.flat()).toEqual([]);
  });

  it('runs every command beside its `dev`, and a worker also without the optional packages', async () => {
    const cwd = await temporaryFolder();
    const dev = installed('full', ['dev'], { cwd });
    await untilSaid(dev, ALL_DRAINED);
    const examples = await readingExamples();
    const reading = examples.map(({ line, exitCodes }) => ({ argv: wordsOf(line).slice(1), exitCodes }));
    const changing = [BACKFILL, ...CHANGING].map((argv) => ({ argv, exitCodes: [0, 3] }));

    for (const { argv, exitCodes } of [...changing, ...reading]) {
      const failure = async (): Promise<string | null> => {
        const { exitCode = -1, stderr } = await installed('full', argv, { cwd });
        return exitCodes.includes(exitCode) ? null : `exit code ${exitCode}: ${stderr}`;
      };
      // A cursor is not moved while one of the scheduled drains runs.
      await expect.poll(failure, { timeout: 30_000, message: argv.join(' ') }).toBeNull();
    }
    expect(await endOfWorker('full', cwd)).toBe(0);
    expect(await endOfWorker('bare', cwd)).toBe(0);
    dev.kill('SIGINT');
    expect((await dev).exitCode).toBe(0);

    const run = ['dev', 'worker', ...[...changing, ...reading].map(({ argv: [name] }) => name)];
    expect(new Set(run)).toEqual(new Set(commands.map(({ name }) => name)));
  });

  it('says what to install if `dev` is to start servers without the optional packages', async () => {
    const cwd = await temporaryFolder();
    // With nothing else on PATH, for a server on it needs no package.
    const PATH = join(cwd, 'bin');
    await mkdir(PATH);
    await symlink(process.execPath, join(PATH, 'node'));

    const { exitCode, stdout, stderr } = await installed('bare', ['dev', '--once'], { cwd, env: { PATH } });

    expect({ exitCode, stdout }).toEqual({ exitCode: 1, stdout: '' });
    expect(stderr).toMatch(
      /^error: .*@temporalio\/testing is not installed.*"npm install @temporalio\/testing@[\d.]+ mongodb-memory-server-core@[\d.]+"/m,
    );
  });
});
