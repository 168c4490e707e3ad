/** The production worker, `dist/worker.js`, in a process of its own, under the heap limit of the image. */
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { FIRST_DAY, ZONE } from '../programs/feed-rows.mjs';
import { NETWORK_ID, TOKEN } from './feed.mjs';
import { imageNodeOptions } from './image.mjs';
import { freePort, startProgram } from './processes.mjs';

const PROGRAM = fileURLToPath(new URL('../../dist/worker.js', import.meta.url));
const START_LIMIT_MS = 60_000;

/**
 * Starts a worker and waits until it is ready. `settings` are added to those of an account that reads the feed; without an
 * account they are all it has.
 */
export async function startWorker({ atEnd, servers, database, feed, account, settings = {} }) {
  const healthAddress = `127.0.0.1:${await freePort()}`;
  const env = {
    NODE_OPTIONS: imageNodeOptions(),
    CALLWEAVE_HEALTH_ADDRESS: healthAddress,
    CALLWEAVE_LOG_LEVEL: 'error',
    ...serverSettings({ servers, database }),
    ...(account !== undefined && accountSettings({ feed, account })),
    ...settings,
  };
  const worker = startProgram({ atEnd, program: PROGRAM, env, cwd: servers.folder });
  worker.stdout.resume();
  await untilReady({ name: 'worker', started: worker, url: `http://${healthAddress}/readyz` });
  return worker;
}

/** Waits until a started program answers at a URL with success. Throws if it ends before that or takes too long. */
export async function untilReady({ name, started, url }) {
  const deadline = Date.now() + START_LIMIT_MS;
  while (!(await isReady(url))) {
    if (started.hasEnded())
      throw new Error(`The ${name} ended (${await started.exit}) at its start; its reason is above.`);
    if (Date.now() > deadline) throw new Error(`The ${name} was not ready within ${START_LIMIT_MS / 1_000} s.`);
    await sleep(50);
  }
}

export function serverSettings({ servers, database }) {
  return { MONGODB_URI: servers.mongo.uri, MONGODB_DATABASE: database, TEMPORAL_ADDRESS: servers.temporal.address };
}

/** Returns the settings of an account that reads the feed, as fast as the feed allows. */
export function accountSettings({ feed, account }) {
  return {
    INVOCA_ACCOUNT: account,
    INVOCA_BASE_URL: feed.baseUrl,
    INVOCA_ID: NETWORK_ID,
    INVOCA_TOKEN: TOKEN,
    INVOCA_TIME_ZONE: ZONE,
    INVOCA_REQUESTS_PER_SECOND: '1000',
    INVOCA_TRANSCRIPTS: 'off',
  };
}

/** Returns the days of a feed of this size, both included. */
export function daysOf({ rows, rowsPerDay }) {
  const last = Date.parse(FIRST_DAY) + (Math.ceil(rows / rowsPerDay) - 1) * 86_400_000;
  return { from: FIRST_DAY, to: new Date(last).toISOString().slice(0, 10) };
}

async function isReady(url) {
  try {
    return (await fetch(url)).ok;
  } catch {
    return false;
  }
}
