/**
 * Looks for transcripts: looks per second from the claim to the written document, against a bare loop on the same server
 * whose children have the same options and one activity that does nothing; in turn. Then what they cost Temporal, and what
 * an account costs while nothing happens: each of its schedules is triggered once, when there is nothing new and nothing
 * due, and what ran then is counted as often as the schedule starts.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { sampleAccount } from '../dist/settings/sample-account.js';
import { startTranscripts } from '../dist/temporal/runs/account-workflows.js';
import { triggerSchedule } from '../dist/temporal/schedules/schedule-operations.js';
import { applySchedules, schedulesOf } from '../dist/temporal/schedules/schedules.js';
import { withClient } from '../dist/temporal/server/connect.js';
import { costsOfRuns } from './support/actions.mjs';
import { withDatabase } from './support/database.mjs';
import { storeDueCalls } from './support/due-calls.mjs';
import { NETWORK_ID, startFeed, TOKEN } from './support/feed.mjs';
import { median, sum } from './support/figures.mjs';
import { cpuSeconds, firstLine, startProgram } from './support/processes.mjs';
import { startServers } from './support/servers.mjs';
import { startWorker } from './support/worker.mjs';

const BARE_WORKER = fileURLToPath(new URL('./programs/bare-worker.mjs', import.meta.url));
const BARE_QUEUE = 'bare';
const DAYS_A_MONTH = 30;
const MS_PER_DAY = 86_400_000;
const GOALS = { ratio: { atLeast: 0.9 }, idleMonth: { atMost: 13_000 } };
const ACCOUNT = 'looks';

export const looks = {
  about: 'looks for transcripts per second against a bare loop, and what they and an idle account cost',
  sizes: {
    looks: { full: 1_000, quick: 100, means: 'looks of a round' },
    bare: { full: 500, quick: 100, means: 'children of the bare loop of a round, 600 at most' },
    'look-rounds': { full: 3, quick: 1, means: 'times that each runs' },
    children: { full: 50, quick: 50, means: 'looks and children in flight' },
  },
  async measure({ sizes, add, atEnd }) {
    const servers = await startServers({ atEnd });
    await withDatabase(servers, (database) => measureLooks({ servers, database, sizes, add, atEnd }));
  },
};

async function measureLooks({ servers, database, sizes, add, atEnd }) {
  const { address } = servers.temporal;
  const bareWorker = startProgram({ atEnd, program: BARE_WORKER, args: [address, BARE_QUEUE] });
  await firstLine(bareWorker);
  const feed = await startFeed({ atEnd, rows: 100 });
  const settings = {
    INVOCA_TRANSCRIPTS: 'on',
    INVOCA_TRANSCRIPT_MAX_AGE: '1m',
    CALLWEAVE_TRANSCRIPT_CHILDREN: String(sizes.children),
  };
  const worker = await startWorker({
    atEnd,
    servers,
    database: database.databaseName,
    feed,
    account: ACCOUNT,
    settings,
  });
  await withClient(address, async (client) => {
    const rounds = [];
    for (let round = 0; round < sizes['look-rounds']; round += 1) {
      const processes = { bareWorker, worker, temporal: servers.temporal };
      rounds.push(await measureRound({ client, servers, database, sizes, round, processes }));
    }
    addRounds({ rounds, add });
    await addCosts({ client, count: sizes.looks * sizes['look-rounds'], add });
    await addIdleDay({ client, feed, add });
  });
}

async function measureRound({ client, servers, database, sizes, round, processes: { bareWorker, worker, temporal } }) {
  await storeDueCalls({ servers, database, account: ACCOUNT, from: round * sizes.looks, count: sizes.looks });
  const args = [{ count: sizes.bare, size: sizes.children }];
  const bare = await measured({ count: sizes.bare, processes: [bareWorker, temporal] }, () =>
    client.workflow.execute('bareLoop', { args, workflowId: `bare-${round}`, taskQueue: BARE_QUEUE }),
  );
  const look = await measured({ count: sizes.looks, processes: [worker, temporal] }, async () => {
    const { handle } = await startTranscripts(client, ACCOUNT);
    const result = await handle.result();
    if (result.looks.available !== sizes.looks)
      throw new Error(`Of ${sizes.looks} transcripts: ${JSON.stringify(result.looks)}`);
  });
  process.stderr.write(
    `  round ${round + 1}: ${bare.perSecond.toFixed(1)} bare, ${look.perSecond.toFixed(1)} looks/s\n`,
  );
  return { bare, look };
}

/** Measures how many of `count` are done in a second, and the CPU time of each in two processes, in milliseconds. */
async function measured({ count, processes }, use) {
  const before = processes.map(({ pid }) => cpuSeconds(pid));
  const startedAt = performance.now();
  await use();
  const perSecond = (count * 1_000) / (performance.now() - startedAt);
  const [workerMs, temporalMs] = processes.map(({ pid }, place) => ((cpuSeconds(pid) - before[place]) * 1_000) / count);
  return { perSecond, workerMs, temporalMs };
}

function addRounds({ rounds, add }) {
  const of = (what, figure) => median(rounds.map((round) => round[what][figure]));
  const ratio = median(rounds.map(({ look, bare }) => look.perSecond / bare.perSecond));
  add({ name: 'bare loop', value: of('bare', 'perSecond'), unit: 'children/s' });
  add({
    name: 'looks, ratio to the bare loop',
    value: of('look', 'perSecond'),
    unit: 'looks/s',
    ratio,
    goal: GOALS.ratio,
  });
  for (const [figure, title] of [
    ['workerMs', 'CPU of the worker'],
    ['temporalMs', 'CPU of Temporal'],
  ]) {
    add({ name: `bare loop: ${title}`, value: of('bare', figure), unit: 'ms each' });
    add({ name: `looks: ${title}`, value: of('look', figure), unit: 'ms each' });
  }
}

/** Adds what the looks so far have cost: their own runs and those of the dispatcher. */
async function addCosts({ client, count, add }) {
  const isThere = (runs) => runs.filter(({ type }) => type === 'transcript').length === count;
  const costs = await costsOfRuns({ client, query: `CallweaveAccount = '${ACCOUNT}'`, isThere });
  const perThousand = (figure) => (sum(costs.map((cost) => cost[figure])) * 1_000) / count;
  add({ name: 'looks: history events', value: perThousand('events'), unit: 'per 1,000 calls' });
  add({ name: 'looks: history', value: perThousand('bytes') / 1_024, unit: 'KiB per 1,000 calls' });
  add({ name: 'looks: billable actions', value: perThousand('actions'), unit: 'per 1,000 calls' });
}

/** Adds the actions of a month in which nothing happens, for looks and for the other schedules. */
async function addIdleDay({ client, feed, add }) {
  // The schedules of the default settings.
  const { transcripts, ...settings } = sampleAccount({ baseUrl: feed.baseUrl, token: TOKEN, networkId: NETWORK_ID });
  const account = {
    ...settings,
    transcripts,
    name: ACCOUNT,
    pollIntervalMs: 300_000,
    reconcileDays: 3,
    timeZone: 'UTC',
  };
  await applySchedules(client, account);
  const perMonth = new Map();
  // The first time, the drain reads the feed.
  for (const { scheduleId } of schedulesOf(account)) await runsOf({ client, scheduleId });
  for (const schedule of schedulesOf(account)) {
    const costs = await runsOf({ client, scheduleId: schedule.scheduleId });
    for (const { type, actions } of costs) {
      const kind = type.startsWith('transcript') ? 'finding transcripts' : `${type}s`;
      perMonth.set(kind, (perMonth.get(kind) ?? 0) + actions * startsPerDay(schedule.spec) * DAYS_A_MONTH);
    }
  }
  for (const [kind, actions] of perMonth) {
    const goal = kind === 'finding transcripts' ? GOALS.idleMonth : null;
    add({ name: `idle account, ${kind}: billable actions`, value: actions, unit: 'per 30 days', goal });
  }
}

/** Triggers a schedule and returns the costs of all runs of the account that started then, when they have ended. */
async function runsOf({ client, scheduleId }) {
  // Runs are told apart by their start, which Temporal states in milliseconds.
  await sleep(1_000);
  const since = new Date().toISOString();
  await triggerSchedule(client, scheduleId);
  const query = `CallweaveAccount = '${ACCOUNT}' AND StartTime > '${since}'`;
  const isThere = (runs) =>
    runs.some(({ searchAttributes }) => searchAttributes.TemporalScheduledById?.[0] === scheduleId);
  return costsOfRuns({ client, query, isThere });
}

function startsPerDay({ intervals = [], calendars = [] }) {
  return sum(intervals.map(({ every }) => MS_PER_DAY / every)) + calendars.length;
}
