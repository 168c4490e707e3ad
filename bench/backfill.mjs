/**
 * Measures the history events that backfills cost Temporal, for a year drained day by day and for one window with many
 * pages. From both it calculates the events for a million rows.
 *
 * `--days N`: windows of one day (366). `--rows-per-day N`: rows of each (40). `--rows N`: rows of the one window
 * (40,000). `--page N`: rows of a page (4,000). `--parallel N`: windows at once (4).
 *
 * The servers are the embedded ones, Temporal in memory; the worker runs in this process; the API is the fake one
 * without a delay.
 */
import { mkdtemp, rm } from 'node:fs/promises';
import { loadavg, tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import getPort from 'get-port';
import { addDays } from '../dist/domain/days/days.js';
import { startEmbeddedMongo } from '../dist/embedded/mongodb.js';
import { startEmbeddedTemporal } from '../dist/embedded/temporal.js';
import { startFakeInvoca } from '../dist/sample/fake-invoca.js';
import { openStore } from '../dist/store/store.js';
import { startBackfill } from '../dist/temporal/runs/backfills.js';
import { withClient } from '../dist/temporal/server/connect.js';
import { ensureSearchAttributes } from '../dist/temporal/server/search-attributes.js';
import { runWorker } from '../dist/worker/run-worker.js';
import { sampleAccount } from '../dist/settings/sample-account.js';

const FIRST_DAY = '2024-01-01';
const MS_PER_DAY = 86_400_000;
const MILLION = 1_000_000;

export async function bench(args) {
  const { values } = parseArgs({
    args,
    options: {
      days: { type: 'string', default: '366' },
      'rows-per-day': { type: 'string', default: '40' },
      rows: { type: 'string', default: '40000' },
      page: { type: 'string', default: '4000' },
      parallel: { type: 'string', default: '4' },
    },
  });
  const [days, rowsPerDay, rows, page, parallel] = [
    values.days,
    values['rows-per-day'],
    values.rows,
    values.page,
    values.parallel,
  ].map(Number);
  const cleanups = [];
  try {
    const servers = await startServers(cleanups);
    say(`load average      ${loadavg()[0].toFixed(1)} at the start`);
    const year = await measure({ ...servers, name: 'year', days, rowsPerDay, page, parallel, windowDays: 1 });
    report(`${days} windows of a day, ${rowsPerDay} rows each`, year);
    const window = await measure({
      ...servers,
      name: 'window',
      days: 1,
      rowsPerDay: rows,
      page,
      parallel,
      windowDays: 1,
    });
    report(`1 window, ${rows} rows, ${page} a page`, window);
    reportMillion({ year, window, page, days });
    say(`load average      ${loadavg()[0].toFixed(1)} at the end`);
  } finally {
    for (const cleanup of cleanups.toReversed()) await cleanup();
  }
}

async function startServers(cleanups) {
  const folder = await mkdtemp(join(tmpdir(), 'callweave-bench-'));
  cleanups.push(() => rm(folder, { recursive: true, force: true }));
  const note = (line) => process.stderr.write(`${line}\n`);
  const temporal = await startEmbeddedTemporal({
    dataDir: null,
    port: await getPort(),
    uiPort: await getPort(),
    say: note,
  });
  cleanups.push(() => temporal.stop());
  const mongo = await startEmbeddedMongo({ dataDir: folder, port: await getPort(), say: note });
  cleanups.push(() => mongo.stop());
  await withClient(temporal.address, ensureSearchAttributes);
  return { temporal, mongo };
}

/** Runs a backfill of a separate account with a separate worker. */
async function measure({ temporal, mongo, name, days, rowsPerDay, page, parallel, windowDays }) {
  const invoca = await startFakeInvoca({ rows: rowsOf({ days, rowsPerDay }), timeZone: 'UTC' });
  const store = await openStore({ uri: mongo.uri, database: `callweave_bench_${name}` });
  const stop = new AbortController();
  await store.ensureIndexes();
  const account = {
    ...sampleAccount({ baseUrl: invoca.baseUrl, token: invoca.token, networkId: invoca.networkId }),
    name,
    timeZone: 'UTC',
    pageLimit: page,
    requestsPerSecond: 1_000,
  };
  const worker = runWorker({
    accounts: [account],
    store,
    transcriptChildren: 1,
    temporalAddress: temporal.address,
    signal: stop.signal,
  });
  try {
    return await withClient(temporal.address, async (client) => {
      const range = { from: FIRST_DAY, to: addDays(FIRST_DAY, days - 1) };
      const options = { account: name, ...range, windowDays, parallel, newestFirst: false };
      const startedAt = performance.now();
      const { handle } = await startBackfill(client, { ...options, reprocess: 'missing', transcripts: 'none' });
      const result = await handle.result();
      const seconds = (performance.now() - startedAt) / 1_000;
      return { result, seconds, ...(await eventsOf(client, name)) };
    });
  } finally {
    stop.abort();
    await worker;
    await store.close();
    await invoca.close();
  }
}

function rowsOf({ days, rowsPerDay }) {
  const stepMs = Math.floor(MS_PER_DAY / rowsPerDay);
  return Array.from({ length: days * rowsPerDay }, (_unused, index) => ({
    transaction_id: `T-${index}`,
    complete_call_id: `CALL-${index}`,
    transaction_type: 'Call',
    start_time_utc: Date.parse(FIRST_DAY) + Math.floor(index / rowsPerDay) * MS_PER_DAY + (index % rowsPerDay) * stepMs,
    duration: 60,
  }));
}

/** Returns the history lengths of every run of the backfill and of its windows. */
async function eventsOf(client, account) {
  const lengths = { backfill: [], drainWindow: [] };
  const ended = `CallweaveAccount = '${account}' AND ExecutionStatus != 'Running'`;
  for await (const { workflowId, runId, type } of client.workflow.list({ query: ended })) {
    const { historyLength } = await client.workflow.getHandle(workflowId, runId).describe();
    lengths[type].push(historyLength);
  }
  return lengths;
}

function report(title, { result, seconds, backfill, drainWindow }) {
  const events = sum(backfill) + sum(drainWindow);
  say(`${title}: ${result.pages} pages, ${result.rows} rows in ${seconds.toFixed(0)} s`);
  say(`  backfill        ${sum(backfill)} events in ${backfill.length} runs, the longest ${Math.max(...backfill)}`);
  say(
    `  windows         ${sum(drainWindow)} events in ${drainWindow.length} runs, the longest ${Math.max(...drainWindow)}`,
  );
  say(`  per 1,000 rows  ${((events * 1_000) / result.rows).toFixed(1)} events`);
}

/**
 * Reports the events per 1,000 of a million rows. A window costs the same for each page, however many rows that has.
 */
function reportMillion({ year, window, page, days }) {
  const ofYear = sum(year.backfill) + sum(year.drainWindow);
  const perPage =
    (sum(window.drainWindow) - sum(year.drainWindow) / year.drainWindow.length) / (window.result.pages - 1);
  const ofOne = perPage * (MILLION / page);
  const rowsADay = Math.round(MILLION / days);
  say(`calculated for a million rows:`);
  say(`  by day          ${(ofYear / 1_000).toFixed(1)} events per 1,000 rows (${rowsADay} rows a day, one page each)`);
  say(`  in one window   ${(ofOne / 1_000).toFixed(1)} events per 1,000 rows, ${perPage.toFixed(1)} a page`);
}

function sum(numbers) {
  return numbers.reduce((total, number) => total + number, 0);
}

function say(line) {
  process.stdout.write(`${line}\n`);
}
