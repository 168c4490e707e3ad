/**
 * Commands and claims with many calls stored over the days of a year: a worker drains some thousand rows, and their
 * documents are copied with other ids. Each command runs in a process of its own; its time includes the start of Node.js.
 */
import { openStore } from '../dist/store/store.js';
import { callIdOf, transactionIdOf } from './programs/feed-rows.mjs';
import { startDrain } from '../dist/temporal/runs/account-workflows.js';
import { withClient } from '../dist/temporal/server/connect.js';
import { withCleanups } from './support/cleanups.mjs';
import { runCommand } from './support/command.mjs';
import { withDatabase } from './support/database.mjs';
import { startFeed } from './support/feed.mjs';
import { median, percentile } from './support/figures.mjs';
import { startServers } from './support/servers.mjs';
import { measureManyAccounts } from './support/many-accounts.mjs';
import { measureBytes, multiplyCalls } from './support/stored-calls.mjs';
import { accountSettings, daysOf, serverSettings, startWorker } from './support/worker.mjs';

const ACCOUNT = 'scale';
const DAYS = 365;
const ROWS_PER_DAY = 60;
const RUNS = 3;
/** Rows of the account whose calls are merged again. */
const REMERGED_ROWS = 8_000;
const CLAIM = { limit: 500, leaseMs: 1_800_000, times: 20 };
/** One of so many parts of the year is exported. */
const EXPORTED = 20;
const MONTH = { from: '2024-03-01', to: '2024-03-31' };
const GOALS = { status: { atMost: 2 }, statusOfMany: { atMost: 5 } };

export const scale = {
  about: 'commands and claims with many calls stored',
  sizes: {
    calls: { full: 1_000_000, quick: 40_000, means: 'calls stored' },
    accounts: { full: 200, quick: 20, means: 'accounts of an installation whose status is asked for' },
  },
  async measure({ sizes, add, atEnd }) {
    const servers = await startServers({ atEnd });
    await withDatabase(servers, async (database) => {
      const size = { rows: DAYS * ROWS_PER_DAY, rowsPerDay: ROWS_PER_DAY };
      const feed = await startFeed({ atEnd, ...size });
      await withCleanups(async (atEnd) => {
        await startWorker({ atEnd, servers, database: database.databaseName, feed, account: ACCOUNT });
        await withClient(servers.temporal.address, async (client) =>
          (await startDrain(client, ACCOUNT)).handle.result(),
        );
        const startedAt = performance.now();
        const calls = await multiplyCalls({ database, rows: size.rows, count: sizes.calls });
        const seconds = (performance.now() - startedAt) / 1_000;
        process.stderr.write(`  ${calls.toLocaleString('en')} calls stored in ${Math.round(seconds)} s\n`);
        const env = {
          ...serverSettings({ servers, database: database.databaseName }),
          ...accountSettings({ feed, account: ACCOUNT }),
        };
        const run = (...args) => runCommand({ args, env, cwd: servers.folder, codes: [0, 3] });
        for (const [what, bytes] of Object.entries(await measureBytes(database))) {
          add({ name: `a document, ${what}`, value: bytes, unit: 'bytes' });
        }
        await measureCommands({ run, days: daysOf(size), add });
        await measureClaims({ servers, database, calls, add });
        await measureExport({ run, days: daysOf(size), calls, add });
      });
      // The worker above knows nothing of the other account, and must not take its work.
      await measureRemerge({ servers, database, add, atEnd });
    });
    await measureManyAccounts({ servers, accounts: sizes.accounts, add, goal: GOALS.statusOfMany });
  },
};

async function measureCommands({ run, days, add }) {
  const range = ({ from, to }) => ['--from', from, '--to', to];
  const commands = [
    ['status', ['status'], GOALS.status],
    ['coverage of a month', ['coverage', ...range(MONTH)]],
    ['coverage of the year', ['coverage', ...range(days)]],
    ['totals of a month by day', ['totals', ...range(MONTH)]],
    ['totals of the year by month', ['totals', ...range(days), '--by', 'month']],
    ['call show, by call id', ['call', 'show', callIdOf(0)]],
    ['call show, by transaction id', ['call', 'show', transactionIdOf(0)]],
  ];
  for (const [name, args, goal = null] of commands) {
    const seconds = [];
    for (let time = 0; time < RUNS; time += 1) seconds.push((await run(...args)).seconds);
    add({ name: `${name}, median of ${RUNS}`, value: median(seconds), unit: 's', goal });
  }
}

/** Measures claims by a new store, like that of a worker that has just started. The first one reads both lanes. */
async function measureClaims({ servers, database, calls, add }) {
  const store = await openStore({ uri: servers.mongo.uri, database: database.databaseName });
  try {
    const { limit, leaseMs, times } = CLAIM;
    const ms = [];
    for (let time = 0; time < Math.min(times, Math.floor(calls / 10 / limit)); time += 1) {
      const startedAt = performance.now();
      const { claimed } = await store.transcripts.claim({ account: ACCOUNT, now: new Date(), leaseMs, limit });
      ms.push(performance.now() - startedAt);
      if (claimed.length !== limit) throw new Error(`A claim of ${limit} due calls got ${claimed.length}.`);
    }
    const [first, ...later] = ms;
    add({ name: `claim of ${limit}, the first`, value: first, unit: 'ms' });
    add({ name: `claim of ${limit}, later ones, p50`, value: percentile(later, 0.5), unit: 'ms' });
    add({ name: `claim of ${limit}, later ones, p95`, value: percentile(later, 0.95), unit: 'ms' });
  } finally {
    await store.close();
  }
}

/** Exports a twentieth of the days, because the stand-in of MongoDB holds all that a query finds in its memory. */
async function measureExport({ run, days, calls, add }) {
  const part = {
    from: days.from,
    to: new Date(Date.parse(days.from) + (Math.floor(DAYS / EXPORTED) - 1) * 86_400_000).toISOString().slice(0, 10),
  };
  for (const [name, args] of [
    ['export as NDJSON', []],
    ['export as CSV', ['--format', 'csv']],
  ]) {
    const { lines, seconds, peakMib } = await run('export', '--from', part.from, '--to', part.to, ...args);
    if (lines < calls / (2 * EXPORTED)) throw new Error(`The export of a part of ${calls} calls has ${lines} lines.`);
    add({ name: `${name}, ${lines.toLocaleString('en')} calls`, value: lines / seconds, unit: 'calls/s' });
    add({ name: `${name}: memory`, value: peakMib, unit: 'MiB' });
  }
}

/** Drains a feed for one more account, and merges its calls again, among the many of the other. */
async function measureRemerge({ servers, database, add, atEnd }) {
  const account = 'remerged';
  const feed = await startFeed({ atEnd, rows: REMERGED_ROWS });
  await startWorker({ atEnd, servers, database: database.databaseName, feed, account });
  await withClient(servers.temporal.address, async (client) => (await startDrain(client, account)).handle.result());
  const env = {
    ...serverSettings({ servers, database: database.databaseName }),
    ...accountSettings({ feed, account }),
  };
  const { output, seconds } = await runCommand({ args: ['remerge', '--wait', '--json'], env, cwd: servers.folder });
  const { calls: remerged } = JSON.parse(output);
  if (!(remerged > 0)) throw new Error(`Nothing was merged again: ${output}`);
  add({
    name: `remerge of another account, ${remerged.toLocaleString('en')} calls`,
    value: remerged / seconds,
    unit: 'calls/s',
  });
}
