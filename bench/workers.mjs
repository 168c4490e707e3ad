/**
 * One, two and four worker processes: rows per second of a backfill on one account and of live drains on four accounts at
 * once, and looks per second; on one machine, so they add up only as far as it has cores. Then whether the rate of an
 * account holds for all workers together.
 */
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { startDrain, startTranscripts } from '../dist/temporal/runs/account-workflows.js';
import { startBackfill } from '../dist/temporal/runs/backfills.js';
import { withClient } from '../dist/temporal/server/connect.js';
import { ZONE } from './programs/feed-rows.mjs';
import { withCleanups } from './support/cleanups.mjs';
import { withDatabase } from './support/database.mjs';
import { storeDueCalls } from './support/due-calls.mjs';
import { NETWORK_ID, startFeed, TOKEN } from './support/feed.mjs';
import { busiestSecond, sum } from './support/figures.mjs';
import { startServers } from './support/servers.mjs';
import { daysOf, startWorker } from './support/worker.mjs';

const COUNTS = [1, 2, 4];
const ACCOUNTS = 4;
const WINDOWS = 8;
const LIMITED = { perSecond: 5, seconds: 30, page: 10 };
const GOALS = { share: { atLeast: 0.95, atMost: 1.05 }, busiest: { atMost: 2 } };

export const workers = {
  about: 'one, two and four worker processes: rows and looks per second, and the rate of an account',
  sizes: {
    'worker-rows': { full: 16_000, quick: 1_600, means: 'rows that each account drains' },
    'worker-looks': { full: 600, quick: 60, means: 'looks' },
  },
  async measure({ sizes, add, atEnd }) {
    const servers = await startServers({ atEnd });
    const size = { rows: sizes['worker-rows'], rowsPerDay: Math.ceil(sizes['worker-rows'] / WINDOWS) };
    const feed = await startFeed({ atEnd, ...size });
    const first = {};
    for (const count of COUNTS) {
      const speeds = await measureCount({ servers, feed, size, looks: sizes['worker-looks'], count });
      for (const [what, { value, unit }] of Object.entries(speeds)) {
        const name = `${what}, ${count} ${count === 1 ? 'worker' : 'workers'}`;
        add({ name, value, unit, ratio: count === 1 ? null : value / first[what] });
        first[what] ??= value;
      }
    }
    await measureLimit({ servers, add });
  },
};

/** Measures the speeds of this many workers. */
function measureCount({ servers, feed, size, looks, count }) {
  const names = Array.from({ length: ACCOUNTS }, (_unused, index) => `of-${count}-${index + 1}`);
  const [looked] = names;
  return withWorkers({ servers, feed, names, count }, async ({ client, database }) => {
    const backfill = await timed(async () => {
      const days = { ...daysOf(size), windowDays: 1, parallel: WINDOWS, newestFirst: false };
      const options = { account: looked, ...days, reprocess: 'all', transcripts: 'none' };
      return (await startBackfill(client, options)).handle.result();
    });
    const drains = await timed(async () => {
      const started = await Promise.all(names.map((account) => startDrain(client, account)));
      const results = await Promise.all(started.map(({ handle }) => handle.result()));
      return { rows: sum(results.map(({ rows }) => rows)) };
    });
    await storeDueCalls({ servers, database, account: looked, from: 0, count: looks });
    const look = await timed(async () => (await startTranscripts(client, looked)).handle.result());
    if (look.result.looks.available !== looks)
      throw new Error(`Of ${looks} transcripts: ${JSON.stringify(look.result.looks)}`);
    return {
      'backfill of one account': { value: backfill.result.rows / backfill.seconds, unit: 'rows/s' },
      [`live drains of ${ACCOUNTS} accounts`]: { value: drains.result.rows / drains.seconds, unit: 'rows/s' },
      looks: { value: looks / look.seconds, unit: 'looks/s' },
    };
  });
}

/** Measures the requests of one account with a low limit and as many workers as possible. */
async function measureLimit({ servers, add }) {
  const { perSecond, seconds, page } = LIMITED;
  const count = COUNTS.at(-1);
  await withCleanups(async (atEnd) => {
    const feed = await startFeed({ atEnd, rows: 2 * perSecond * (seconds + 10) * page });
    const limits = { requestsPerSecond: perSecond, pageLimit: page };
    await withWorkers({ servers, feed, names: ['limited'], count, limits }, async ({ client, database }) => {
      await storeDueCalls({ servers, database, account: 'limited', from: 0, count: 2 * perSecond * (seconds + 10) });
      const startedAt = Date.now();
      await Promise.all([startDrain(client, 'limited'), startTranscripts(client, 'limited')]);
      await sleep(5_000);
      const from = Date.now();
      await sleep(seconds * 1_000);
      const instants = (await feed.requests(startedAt)).map(({ at }) => at);
      const reached = instants.filter((at) => at >= from && at < from + seconds * 1_000).length / seconds;
      const name = `drain and transcripts at ${perSecond}/s, ${count} workers`;
      const busiest = busiestSecond(instants);
      add({ name, value: reached, unit: 'requests/s', ratio: reached / perSecond, goal: GOALS.share });
      add({
        name: `${name}: most in a second`,
        value: busiest,
        unit: 'requests',
        ratio: busiest / perSecond,
        goal: GOALS.busiest,
      });
    });
  });
}

/** Starts `count` workers that all serve these accounts, and calls `use`. */
async function withWorkers({ servers, feed, names, count, limits = {} }, use) {
  return withDatabase(servers, (database) =>
    withCleanups(async (atEnd) => {
      const config = join(servers.folder, 'callweave.yaml');
      // JSON is YAML.
      await writeFile(config, JSON.stringify({ accounts: names.map((name) => accountOf({ name, feed, limits })) }));
      const settings = { CALLWEAVE_CONFIG: config, BENCH_TOKEN: TOKEN };
      const started = Array.from({ length: count }, () =>
        startWorker({ atEnd, servers, database: database.databaseName, settings }),
      );
      await Promise.all(started);
      return withClient(servers.temporal.address, (client) => use({ client, database }));
    }),
  );
}

function accountOf({ name, feed, limits }) {
  return {
    name,
    source: 'invoca',
    baseUrl: feed.baseUrl,
    id: NETWORK_ID,
    token: '${BENCH_TOKEN}',
    timeZone: ZONE,
    requestsPerSecond: 1_000,
    transcriptMaxAge: '1m',
    ...limits,
  };
}

async function timed(use) {
  const startedAt = performance.now();
  const result = await use();
  return { result, seconds: (performance.now() - startedAt) / 1_000 };
}
