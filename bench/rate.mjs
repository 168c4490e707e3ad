/**
 * The rate of requests: the share of an account's limit that its live drain and then its transcripts reach, each alone and
 * with more waiting than can be requested, and the most requests in any one second; with task queues of one partition and
 * of four. Then the learning of a limit that nobody documents: set to 60 a second at an API that refuses more than 20 in
 * any one second.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { startDrain, startTranscripts } from '../dist/temporal/runs/account-workflows.js';
import { withClient } from '../dist/temporal/server/connect.js';
import { withCleanups } from './support/cleanups.mjs';
import { withDatabase } from './support/database.mjs';
import { storeDueCalls } from './support/due-calls.mjs';
import { startFeed } from './support/feed.mjs';
import { busiestSecond } from './support/figures.mjs';
import { startServers } from './support/servers.mjs';
import { startWorker } from './support/worker.mjs';

/** Small pages, so that many requests take little of the machine. */
const PAGE = 10;
const WARM_UP_SECONDS = 5;
const RATES = [2, 5, 10];
const SHARES = [
  { partitions: 1, share: { atLeast: 0.95 } },
  { partitions: 4, share: { atLeast: 0.85 } },
];
/** The most requests in any one second, as a multiple of the limit. */
const BUSIEST = { atMost: 2 };
const LEARNED = { setting: 60, allowed: 20, share: { atLeast: 0.85, atMost: 1 }, refusals: { atMost: 1 } };

let accounts = 0;

export const rate = {
  about: 'share of the allowed requests per second, the most in any one second, and the learning of a limit',
  sizes: {
    'rate-seconds': { full: 15, quick: 8, means: 'time for which each rate is measured' },
    'learning-minutes': { full: 2, quick: 0.3, means: 'time for which the learning is measured, after a minute of it' },
  },
  async measure({ sizes, add }) {
    for (const { partitions, share } of SHARES) {
      await withCleanups(async (atEnd) => {
        const servers = await startServers({ atEnd, partitions });
        for (const perSecond of RATES) {
          await measureRate({ servers, perSecond, seconds: sizes['rate-seconds'], partitions, share, add });
        }
        if (partitions === 1) await measureLearning({ servers, minutes: sizes['learning-minutes'], add });
      });
    }
  },
};

async function measureRate({ servers, perSecond, seconds, partitions, share, add }) {
  // More than can be requested, so that neither ends early.
  const requests = Math.ceil(2 * perSecond * (seconds + WARM_UP_SECONDS));
  await withAccount({ servers, perSecond, requests }, async ({ client, account, feed }) => {
    for (const [what, start] of [
      ['drain', startDrain],
      ['transcripts', startTranscripts],
    ]) {
      const startedAt = Date.now();
      const { handle } = await start(client, account);
      await sleep(WARM_UP_SECONDS * 1_000);
      const from = Date.now();
      await sleep(seconds * 1_000);
      const instants = (await feed.requests(startedAt)).map(({ at }) => at);
      await handle.terminate('measured');
      const reached = instants.filter((at) => at >= from && at < from + seconds * 1_000).length / seconds;
      const name = `${what}, ${perSecond}/s, ${partitions} ${partitions === 1 ? 'partition' : 'partitions'}`;
      const busiest = busiestSecond(instants);
      add({ name, value: reached, unit: 'requests/s', ratio: reached / perSecond, goal: share });
      add({
        name: `${name}: most in a second`,
        value: busiest,
        unit: 'requests',
        ratio: busiest / perSecond,
        goal: BUSIEST,
      });
    }
  });
}

async function measureLearning({ servers, minutes, add }) {
  const { setting, allowed } = LEARNED;
  const requests = Math.ceil(2 * allowed * 60 * (minutes + 1));
  await withAccount(
    { servers, perSecond: setting, requests, limitPerSecond: allowed },
    async ({ client, account, feed }) => {
      await Promise.all([startDrain(client, account), startTranscripts(client, account)]);
      await sleep(Math.min(1, minutes) * 60_000);
      const from = Date.now();
      await sleep(minutes * 60_000);
      const answers = await feed.requests(from);
      const refused = answers.filter(({ status }) => status === 429).length;
      const perSecond = (answers.length - refused) / (minutes * 60);
      const name = `learning: set to ${setting}/s, the API allows ${allowed}/s`;
      add({ name, value: perSecond, unit: 'requests/s', ratio: perSecond / allowed, goal: LEARNED.share });
      add({ name: `${name}: refusals (429)`, value: refused / minutes, unit: 'per minute', goal: LEARNED.refusals });
    },
  );
}

/** Calls `use` with a new account that has a feed to drain and calls whose transcripts are due, each for `requests`. */
async function withAccount({ servers, perSecond, requests, limitPerSecond = null }, use) {
  accounts += 1;
  // A new task queue, in which no task of another run waits.
  const account = `rate-${accounts}`;
  await withDatabase(servers, (database) =>
    withCleanups(async (atEnd) => {
      const feed = await startFeed({ atEnd, rows: requests * PAGE, limitPerSecond });
      await storeDueCalls({ servers, database, account, from: 0, count: requests });
      const settings = {
        INVOCA_REQUESTS_PER_SECOND: String(perSecond),
        INVOCA_PAGE_LIMIT: String(PAGE),
        // The drained calls are old: only the stored ones are due.
        INVOCA_TRANSCRIPTS: 'on',
        INVOCA_TRANSCRIPT_MAX_AGE: '1m',
      };
      await startWorker({ atEnd, servers, database: database.databaseName, feed, account, settings });
      await withClient(servers.temporal.address, (client) => use({ client, account, feed }));
    }),
  );
}
