import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import getPort from 'get-port';
import { describe, expect, inject, it } from 'vitest';
import type { ExportedCall } from '../../src/store/calls/export-calls.js';
import type { AccountStatus } from '../../src/operations/account-status.js';
import { hang } from '../../src/sample/faults.js';
import { createSampleFeed } from '../../src/sample/feed/feed.js';
import { readDevInstance } from '../../src/settings/dev-instance.js';
import { clientOf, minimalRows, startInvoca } from '../support/fake-invoca.js';
import { endsOf, readingExamples } from '../support/examples.js';
import { lineErrors } from '../support/line-errors.js';
import { isAlive, untilGone } from '../support/processes.js';
import { callweave, invocaSettings, onTerminal, untilSaid } from '../support/program.js';
import { runCommandLine } from '../support/run-cli.js';
import { expectedCalls, storedMeanings } from '../support/stored-calls.js';
import { temporaryFolder } from '../support/temporary-folder.js';
import { useTestDatabase } from '../support/test-database.js';

const mongodb = useTestDatabase();
const givenMongodb = { MONGODB_URI: inject('mongodbUri'), MONGODB_DATABASE: mongodb.database };

/** Progress line when all calls are drained; it counts calls, not rows. */
const ALL_DRAINED = /sample: [^|]* 2,0\d\d calls/;

/** Five lines erased upwards in a row; the progress line never takes up that many. */
const GOES_UP_AND_UP = new RegExp(String.raw`(?:\x1b\[1A\x1b\[0K){5}`);

/** Process ids of the servers that `callweave dev` has started itself. */
function serverPids(dataDir: string): number[] {
  const locks = readdirSync(dataDir).filter((file) => file.endsWith('.lock'));
  return locks.map((file) => {
    const { serverPid } = JSON.parse(readFileSync(join(dataDir, file), 'utf8')) as { serverPid: number };
    return serverPid;
  });
}

/** Runs the examples of the help screens that only read. One of them shows the backfill that is started first. */
async function runExamples(cwd: string): Promise<void> {
  await runCommandLine({ argv: ['backfill', '--from', '2025-03-01', '--to', '2025-03-31'], cwd });
  for (const example of await readingExamples()) {
    // A cursor is not moved while one of the scheduled drains runs.
    await expect
      .poll(() => endsOf(example, cwd), { timeout: 20_000, message: example.line })
      .toEqual({ exitCode: expect.toBeOneOf([...example.exitCodes]) as number, error: null });
  }
}

/** Exports an account; returns the statuses of its transcripts. @throws if a line breaks the schema */
async function validExport({ account, cwd }: { account: string; cwd: string }): Promise<Set<string>> {
  const argv = ['export', '--account', account, '--transcripts'];
  const { stdout, stderr, exitCode } = await runCommandLine({ argv, cwd });
  expect(exitCode, stderr).toBe(0);
  const calls = stdout
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as ExportedCall);
  for (const call of calls) expect(lineErrors(call), call._id).toEqual([]);
  return new Set(calls.map(({ transcript }) => transcript.status));
}

describe('callweave dev', { timeout: 180_000 }, () => {
  it('serves and drains the sample feed until Ctrl-C, lets other commands find its servers, and leaves no process', async () => {
    const cwd = await temporaryFolder();
    const dataDir = join(cwd, '.callweave');
    const env = { MONGODB_URI: inject('mongodbUri'), MONGODB_DATABASE: mongodb.database };
    const healthAddress = `127.0.0.1:${await getPort()}`;
    const dev = callweave(['dev'], { cwd, env: { ...env, CALLWEAVE_HEALTH_ADDRESS: healthAddress } });
    await untilSaid(dev, ALL_DRAINED);
    expect(await (await fetch(`http://${healthAddress}/readyz`)).text()).toBe('ok\n');

    const status = await callweave(['status', '--json', '--check'], { cwd });
    expect(status.stderr).toContain('using the servers of the running `callweave dev`');
    expect(status.exitCode, status.stdout).toBe(0);
    const { accounts } = JSON.parse(status.stdout) as { accounts: AccountStatus[] };
    const [sample] = accounts;
    const schedules = accounts.flatMap((account) => account.schedules);
    expect(schedules.map(({ scheduleId, state }) => `${scheduleId} ${state}`)).toEqual([
      'drain/sample active',
      'reconcile/sample active',
      'transcripts/sample active',
      'invoices/sample-credira active',
      'transcripts/sample-credira active',
    ]);
    expect(sample?.calls).toBeGreaterThanOrEqual(2_000);
    const [temporalPid] = serverPids(dataDir);
    await runExamples(cwd);
    expect((await validExport({ account: 'sample', cwd })).size).toBeGreaterThan(0);
    expect((await validExport({ account: 'sample-credira', cwd })).size).toBeGreaterThan(0);

    dev.kill('SIGINT');
    const ended = await dev;
    expect(ended.exitCode, ended.stderr).toBe(0);
    expect(ended.stderr).toContain('THIS IS SAMPLE DATA');
    expect(isAlive(temporalPid ?? process.pid)).toBe(false);
    expect(readDevInstance({ dataDir })).toBeNull();
    const first = await mongodb.store.checkpoints.read('drain/sample');

    // Now on a terminal that reports no width, and which the test closes.
    const again = onTerminal(['dev'], { cwd, env, columns: 0 });
    await expect.poll(again.shown, { timeout: 30_000 }).toMatch(ALL_DRAINED);
    const [temporalAgain] = serverPids(dataDir);
    expect(await again.closeTerminal()).toBe(0);
    expect(isAlive(temporalAgain ?? process.pid)).toBe(false);
    expect(again.shown()).not.toMatch(GOES_UP_AND_UP);
    const second = await mongodb.store.checkpoints.read('drain/sample');
    const rowsSince = (second?.totals.rows ?? Infinity) - (first?.totals.rows ?? 0);
    expect(rowsSince, 'only rows that arrived since').toBeLessThan(100);
  });

  it('reports a wrong token clearly, and drains with the right one', async () => {
    const cwd = await temporaryFolder();
    const invoca = await startInvoca({ rows: minimalRows(3) });
    const env = { ...givenMongodb, ...invocaSettings(invoca, 'token-test') };

    const wrong = await callweave(['dev', '--once'], { cwd, env: { ...env, INVOCA_TOKEN: 'not-the-token' } });

    expect(wrong.exitCode).toBe(1);
    expect(wrong.stderr.match(/error: .*/g)).toHaveLength(1);
    expect(wrong.stderr).toMatch(/error: .*401.*token/);
    expect(wrong.stderr + wrong.stdout).not.toContain('not-the-token');

    const right = await callweave(['dev', '--once', '--json'], { cwd, env });

    expect(right.exitCode, right.stderr).toBe(0);
    expect(JSON.parse(right.stdout)).toMatchObject({
      drains: [{ account: 'token-test', rows: 3, calls: 3, documents: 3 }],
    });
  });

  it('neither loses nor doubles a call if it is killed in the middle of a page', async () => {
    const cwd = await temporaryFolder();
    const feed = createSampleFeed({ seed: 11, endsAt: new Date('2025-06-09T00:00:00Z'), calls: 150 });
    const invoca = await startInvoca({ feed });
    const expected = await expectedCalls(clientOf(invoca));
    const env = { ...givenMongodb, ...invocaSettings(invoca, 'killed'), INVOCA_PAGE_LIMIT: '50' };
    let pages = 0;
    const fourthPageAskedFor = new Promise<void>((resolve) => {
      invoca.plan({
        when: ({ query }) => query['limit'] === '50' && (pages += 1) === 4,
        answer: (exchange) => {
          hang()(exchange);
          resolve();
        },
      });
    });

    const killed = callweave(['dev'], { cwd, env });
    await fourthPageAskedFor;
    killed.kill('SIGKILL');
    await killed;
    const next = await callweave(['dev', '--once', '--json'], { cwd, env });

    expect(next.exitCode, next.stderr).toBe(0);
    const stored = await storedMeanings({ store: mongodb.store, account: 'killed', callIds: expected.keys() });
    expect(stored).toEqual(expected);
    expect(await mongodb.db.collection('calls').countDocuments({ account: 'killed' })).toBe(expected.size);
    const pagesOfFeed = Math.ceil(feed.rows.length / 50);
    const checkpoint = await mongodb.store.checkpoints.read('drain/killed');
    const withRows = invoca.requests.filter(
      ({ query }) => query['limit'] === '50' && query['start_after_transaction_id'] !== checkpoint?.cursor,
    );
    expect(withRows.length, 'one page is asked for again').toBe(pagesOfFeed + 1);
  });

  it('stops its servers even if it is killed', async () => {
    const cwd = await temporaryFolder();
    const dev = callweave(['dev'], { cwd });
    await untilSaid(dev, 'Temporal Web UI');
    const pids = serverPids(join(cwd, '.callweave'));

    dev.kill('SIGKILL');

    await Promise.all(pids.map(untilGone));
    expect(pids.some(isAlive)).toBe(false);
  });
});
