/** Live drains and backfills of the whole feed, each by a new worker into an empty database. */
import { setTimeout as sleep } from 'node:timers/promises';
import { startDrain } from '../../dist/temporal/runs/account-workflows.js';
import { startBackfill } from '../../dist/temporal/runs/backfills.js';
import { withClient } from '../../dist/temporal/server/connect.js';
import { withCleanups } from './cleanups.mjs';
import { withDatabase } from './database.mjs';
import { cpuSeconds, peakMemoryMib } from './processes.mjs';
import { daysOf, startWorker } from './worker.mjs';

/** A worker that ended by itself, such as for lack of memory. */
export class WorkerEnded extends Error {}

/** Time between looks at the rows that are stored. */
const LOOK_MS = 250;

let accounts = 0;

/** Runs a live drain. Returns its speed, the worker's CPU and memory, and its history events; see `measureRun`. */
export function runLiveDrain(world) {
  return measureRun(world, async (client, account) => {
    const { handle } = await startDrain(client, account);
    return { result: handle.result(), workflows: 1 };
  });
}

/** Runs a backfill of all days of the feed, a day in each window; see `measureRun`. */
export function runBackfill({ parallel, ...world }) {
  return measureRun(world, async (client, account) => {
    const days = daysOf(world.size);
    const options = { account, ...days, windowDays: 1, parallel, newestFirst: false, reprocess: 'all' };
    const { handle } = await startBackfill(client, { ...options, transcripts: 'none' });
    return { result: handle.result(), workflows: 1 + Math.ceil(world.size.rows / world.size.rowsPerDay) };
  });
}

/**
 * Starts a worker, runs a drain with it, and stops it. Returns rows per second, the cores that the worker used, its peak
 * memory, in all and until each number of rows of `peaksAfter` was stored, and history events per page. `inspect` may look
 * at the database at the end. Throws if not all rows of the feed were drained.
 */
async function measureRun({ servers, feed, size, settings, inspect, peaksAfter = [] }, start) {
  accounts += 1;
  const account = `bench-${accounts}`;
  return withDatabase(servers, async (database) =>
    withCleanups(async (atEnd) => {
      const worker = await startWorker({ atEnd, servers, database: database.databaseName, feed, account, settings });
      return withClient(servers.temporal.address, async (client) => {
        const cpuBefore = cpuSeconds(worker.pid);
        const startedAt = performance.now();
        const { result, workflows } = await start(client, account);
        const drained = unlessItEnds(worker, result);
        const peaks = peaksUntil({ database, pid: worker.pid, peaksAfter, drained });
        const [{ rows }, peaksMib] = await Promise.all([drained, peaks]);
        const seconds = (performance.now() - startedAt) / 1_000;
        const cores = (cpuSeconds(worker.pid) - cpuBefore) / seconds;
        const pages = await database.collection('pages').countDocuments();
        if (rows !== size.rows) throw new Error(`Of ${size.rows} rows the drain counted ${rows}.`);
        const { events, bytes } = await historyOf({ client, account, workflows });
        return {
          rowsPerSecond: rows / seconds,
          cores,
          peakMib: peakMemoryMib(worker.pid),
          peaksMib,
          eventsPerPage: events / pages,
          historyBytesPerPage: bytes / pages,
          ...(await inspect?.(database)),
        };
      });
    }),
  );
}

/** Resolves to the result. Throws WorkerEnded if the worker ends before. */
async function unlessItEnds(worker, result) {
  const ended = worker.exit.then((how) => {
    throw new WorkerEnded(`The worker ended (${how}) while it drained.`);
  });
  ended.catch(() => undefined);
  return Promise.race([result, ended]);
}

/** Returns the peak memory of the worker until each number of rows was stored. */
async function peaksUntil({ database, pid, peaksAfter, drained }) {
  const peaksMib = [];
  let isOver = false;
  const end = () => {
    isOver = true;
  };
  drained.then(end, end);
  for (const rows of peaksAfter) {
    while (!isOver && (await rowsStored(database)) < rows) await sleep(LOOK_MS);
    peaksMib.push(peakMemoryMib(pid));
  }
  return peaksMib;
}

async function rowsStored(database) {
  const [stored] = await database
    .collection('pages')
    .aggregate([{ $group: { _id: null, rows: { $sum: '$rows' } } }])
    .toArray();
  return stored?.rows ?? 0;
}

/** Returns the events and bytes of all histories of an account. Waits until the list has all its `workflows`, as it may lag. */
async function historyOf({ client, account, workflows }) {
  for (let attempt = 0; attempt < 100; attempt += 1) {
    const ended = new Set();
    let events = 0;
    let bytes = 0;
    for await (const { workflowId, historyLength, historySize, status } of client.workflow.list({
      query: `CallweaveAccount = '${account}'`,
    })) {
      if (status.name === 'RUNNING') continue;
      ended.add(workflowId);
      events += historyLength;
      bytes += historySize;
    }
    if (ended.size === workflows) return { events, bytes };
    await sleep(200);
  }
  throw new Error(`Temporal does not list the ${workflows} workflows of ${account}.`);
}
