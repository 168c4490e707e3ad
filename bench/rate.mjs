/**
 * Measures how much of an account's limit of requests per second its drain and then its transcripts reach, each alone
 * for a minute. The task queue, which has one partition, limits the rate.
 *
 * `--rate R`: requests per second of the account (3). `--seconds N`: how long each is measured (60), after 5 seconds to
 * get going.
 *
 * The servers are the embedded ones, the worker is the production entry, the API is the fake one without a delay.
 */
import { loadavg } from 'node:os';
import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { startDrain, startTranscripts } from '../dist/temporal/runs/account-workflows.js';
import { withClient } from '../dist/temporal/server/connect.js';
import { ACCOUNT, startWorld } from './support/transcripts-world.mjs';

const PAGE_LIMIT = 10;
const WARM_UP_SECONDS = 5;

export async function bench(args) {
  const { values } = parseArgs({
    args,
    options: { rate: { type: 'string', default: '3' }, seconds: { type: 'string', default: '60' } },
  });
  const [rate, seconds] = [values.rate, values.seconds].map(Number);
  // More than can be requested, so that neither ends early.
  const requests = Math.ceil(2 * rate * (seconds + WARM_UP_SECONDS));
  const cleanups = [];
  try {
    const { temporal, invoca } = await startWorld({
      cleanups,
      calls: requests,
      children: 50,
      hasAnalysis: false,
      inMemory: false,
      rows: rowsOf(requests * PAGE_LIMIT),
      settings: { INVOCA_REQUESTS_PER_SECOND: String(rate), INVOCA_PAGE_LIMIT: String(PAGE_LIMIT) },
    });
    await withClient(temporal.address, async (client) => {
      const measure = (name, start) => measureRate({ name, start, rate, seconds, requests: invoca.requests });
      await measure('drain', () => startDrain(client, ACCOUNT));
      await measure('transcripts', () => startTranscripts(client, ACCOUNT));
    });
  } finally {
    for (const cleanup of cleanups.toReversed()) await cleanup();
  }
}

async function measureRate({ name, start, rate, seconds, requests }) {
  const { handle } = await start();
  await sleep(WARM_UP_SECONDS * 1_000);
  const from = Date.now();
  await sleep(seconds * 1_000);
  const to = Date.now();
  const load = loadavg()[0];
  await handle.terminate('measured');
  const instants = requests.map(({ at }) => at.getTime()).filter((at) => at >= from && at < to);
  const perSecond = (instants.length * 1_000) / (to - from);
  const share = Math.round((100 * perSecond) / rate);
  process.stdout.write(
    `${name.padEnd(12)} ${perSecond.toFixed(2)} of ${rate} requests/s (${share} %), at most ${busiestSecond(instants)} ` +
      `in one second, load average ${load.toFixed(1)}\n`,
  );
}

/** Returns the most requests in any period of one second. */
function busiestSecond(instants) {
  const counts = instants.map((from) => instants.filter((at) => at >= from && at < from + 1_000).length);
  return Math.max(0, ...counts);
}

function rowsOf(count) {
  return Array.from({ length: count }, (_unused, index) => ({
    transaction_id: `R-${index}`,
    complete_call_id: `ROW-${index}`,
    transaction_type: 'Call',
    start_time_utc: Date.UTC(2025, 5, 2) + index * 1_000,
    duration: 60,
  }));
}
