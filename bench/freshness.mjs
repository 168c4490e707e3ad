/**
 * Freshness: the time from the instant at which a row can be read at the API to the instant at which the document of its
 * call has it, for an account that is polled, and for one whose webhooks name each call at the instant at which its row can
 * be read. Documents are watched from outside of the worker, by reading MongoDB every 200 ms, so a time is up to that and
 * one read too long. The nudged account has no schedule: no poll helps it.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { sampleAccount } from '../dist/settings/sample-account.js';
import { applySchedules } from '../dist/temporal/schedules/schedules.js';
import { withClient } from '../dist/temporal/server/connect.js';
import { callIdOf } from './programs/feed-rows.mjs';
import { withCleanups } from './support/cleanups.mjs';
import { withDatabase } from './support/database.mjs';
import { NETWORK_ID, startFeed, TOKEN } from './support/feed.mjs';
import { percentile } from './support/figures.mjs';
import { freePort } from './support/processes.mjs';
import { startServers } from './support/servers.mjs';
import { watchDocuments } from './support/watch-documents.mjs';
import { startWorker } from './support/worker.mjs';

const REQUESTS_PER_SECOND = '10';
const SECRET = 'secret-of-the-webhooks-of-the-bench';
/** Time that the last rows have to be stored. */
const LAST_ROWS_MS = 30_000;
const GOAL_SECONDS = 10;

export const freshness = {
  about: 'seconds from "row readable at the API" to "document stored", polled and nudged by webhooks',
  sizes: {
    'poll-seconds': { full: 90, quick: 20, means: 'interval of the polls' },
    'nudge-seconds': { full: 60, quick: 15, means: 'time for which webhooks are posted' },
    'calls-per-second': { full: 5, quick: 5, means: 'rows that become readable in a second' },
  },
  async measure({ sizes, add, atEnd }) {
    const servers = await startServers({ atEnd });
    await measureAccount({ servers, sizes, add, account: 'polled', measureRows: polledRows });
    await measureAccount({
      servers,
      sizes,
      add,
      account: 'nudged',
      measureRows: nudgedRows,
      goal: { atMost: GOAL_SECONDS },
    });
  },
};

async function measureAccount({ servers, sizes, add, account, measureRows, goal = null }) {
  const { seconds, missing, requests } = await withDatabase(servers, (database) =>
    withCleanups((atEnd) => measureRows({ servers, database, sizes, account, atEnd })),
  );
  const rows = `${seconds.length} rows`;
  add({ name: `${account}, p50 of ${rows}`, value: percentile(seconds, 0.5), unit: 's' });
  add({ name: `${account}, p95 of ${rows}`, value: percentile(seconds, 0.95), unit: 's', goal });
  add({ name: `${account}, not stored at the end, of ${rows}`, value: missing, unit: 'rows' });
  add({ name: `${account}, requests meanwhile`, value: requests, unit: 'requests' });
}

/**
 * Measures the rows that can be read in the interval after a poll. A drain ends only when nothing new is there: if rows come
 * faster than pages are stored, it follows them, and the number of requests shows it.
 */
async function polledRows({ servers, database, sizes, account, atEnd }) {
  const pollMs = sizes['poll-seconds'] * 1_000;
  const perSecond = sizes['calls-per-second'];
  const rows = Math.ceil((4 * pollMs * perSecond) / 1_000);
  const feed = await startFeed({ atEnd, rows });
  await startWorker({
    atEnd,
    servers,
    database: database.databaseName,
    feed,
    account,
    settings: { INVOCA_REQUESTS_PER_SECOND: REQUESTS_PER_SECOND },
  });
  const watch = watchDocuments({ database, account, atEnd });
  const sinceMs = await feed.grow({ from: 0, perSecond });
  const first = await withClient(servers.temporal.address, async (client) => {
    const [poll] = await applySchedules(client, polledAccount({ feed, account, pollMs }));
    return firstPoll({ schedule: client.schedule.getHandle(poll.scheduleId), pollMs });
  });
  await sleep(first + pollMs - Date.now());
  const instants = readableRows({ rows, sinceMs, perSecond }).filter(
    ({ readableMs }) => readableMs > first && readableMs < first + pollMs,
  );
  await untilSeen({ instants, seen: watch.seen });
  const requests = (await feed.requests(first)).filter(({ at }) => at < first + pollMs).length;
  return { ...freshnessOf(instants, watch.seen), requests };
}

/** Returns the instant of the first start by a schedule. */
async function firstPoll({ schedule, pollMs }) {
  const deadline = Date.now() + 2 * pollMs;
  while (Date.now() < deadline) {
    const [first] = (await schedule.describe()).info.recentActions;
    if (first !== undefined) return first.takenAt.getTime();
    await sleep(500);
  }
  throw new Error('No poll came within two intervals.');
}

function polledAccount({ feed, account, pollMs }) {
  const settings = sampleAccount({ baseUrl: feed.baseUrl, token: TOKEN, networkId: NETWORK_ID });
  const transcripts = { ...settings.transcripts, enabled: false };
  return { ...settings, name: account, pollIntervalMs: pollMs, reconcileDays: 0, transcripts };
}

/** Posts a webhook for each row at the instant at which it can be read. */
async function nudgedRows({ servers, database, sizes, account, atEnd }) {
  const perSecond = sizes['calls-per-second'];
  const rows = Math.ceil(sizes['nudge-seconds'] * perSecond);
  const feed = await startFeed({ atEnd, rows });
  const address = `127.0.0.1:${await freePort()}`;
  const settings = {
    INVOCA_REQUESTS_PER_SECOND: REQUESTS_PER_SECOND,
    INVOCA_WEBHOOK_SECRET: SECRET,
    CALLWEAVE_WEBHOOK_ADDRESS: address,
  };
  await startWorker({ atEnd, servers, database: database.databaseName, feed, account, settings });
  const watch = watchDocuments({ database, account, atEnd });
  const sinceMs = await feed.grow({ from: 0, perSecond });
  const instants = readableRows({ rows, sinceMs, perSecond });
  const url = `http://${address}/webhooks/${account}`;
  await Promise.all(
    instants.map(({ row, readableMs }) => postAt({ url, at: readableMs, callId: callIdOf(feed.callOf(row)) })),
  );
  await untilSeen({ instants, seen: watch.seen });
  return { ...freshnessOf(instants, watch.seen), requests: (await feed.requests(sinceMs)).length };
}

async function postAt({ url, at, callId }) {
  await sleep(Math.max(0, at - Date.now()));
  const answer = await fetch(url, {
    method: 'POST',
    headers: { authorization: `Bearer ${SECRET}`, 'content-type': 'application/json' },
    body: JSON.stringify({ complete_call_id: callId }),
  });
  if (answer.status !== 202) throw new Error(`A webhook was answered with ${answer.status}: ${await answer.text()}`);
}

/** Returns each row with the instant at which it can be read. */
function readableRows({ rows, sinceMs, perSecond }) {
  return Array.from({ length: rows }, (_unused, row) => ({
    row,
    readableMs: sinceMs + Math.ceil(((row + 1) * 1_000) / perSecond),
  }));
}

async function untilSeen({ instants, seen }) {
  const deadline = Date.now() + LAST_ROWS_MS;
  while (instants.some(({ row }) => !seen.has(row)) && Date.now() < deadline) await sleep(500);
}

/** Returns the seconds of each row until it was seen. A row that was not seen counts with its age, and as missing. */
function freshnessOf(instants, seen) {
  if (instants.length === 0) throw new Error('No row became readable in the time that was measured.');
  const now = Date.now();
  const seconds = instants.map(({ row, readableMs }) => ((seen.get(row) ?? now) - readableMs) / 1_000);
  return { seconds, missing: instants.filter(({ row }) => !seen.has(row)).length };
}
