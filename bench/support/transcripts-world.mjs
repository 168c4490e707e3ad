/** Servers, a fake API, calls whose transcripts are due, and the workers of `transcripts.mjs` and `rate.mjs`. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import getPort from 'get-port';
import { transactionFromColumns } from '../../dist/domain/invoca/row.js';
import { startEmbeddedMongo } from '../../dist/embedded/mongodb.js';
import { startEmbeddedTemporal } from '../../dist/embedded/temporal.js';
import { startFakeInvoca } from '../../dist/sample/fake-invoca.js';
import { openStore } from '../../dist/store/store.js';

export const ACCOUNT = 'bench';
export const TRIVIAL_QUEUE = 'trivial-children';
const DATABASE = 'callweave_bench';
const POLICY = { enabled: true, maxAgeMs: null, delaysMs: [1_000], deadlineMs: 2_000 };
const PRODUCTION_WORKER = fileURLToPath(new URL('../../dist/worker.js', import.meta.url));
const TRIVIAL_WORKER = fileURLToPath(new URL('../trivial-children/worker.mjs', import.meta.url));

/** Starts everything, and adds to `cleanups` what to run at the end, last first. `settings` override the worker's. */
export async function startWorld({ cleanups, calls, children, hasAnalysis, inMemory, rows = [], settings = {} }) {
  const folder = await mkdtemp(join(tmpdir(), 'callweave-bench-'));
  cleanups.push(() => rm(folder, { recursive: true, force: true }));
  const keep = (server) => {
    cleanups.push(() => server.stop());
    return server;
  };
  const note = (line) => process.stderr.write(`${line}\n`);
  const temporal = keep(
    await startEmbeddedTemporal({
      dataDir: inMemory ? null : folder,
      port: await getPort(),
      uiPort: await getPort(),
      say: note,
    }),
  );
  const mongo = keep(await startEmbeddedMongo({ dataDir: folder, port: await getPort(), say: note }));
  const plans = Array.from({ length: calls }, (_unused, index) => ({ callId: callIdOf(index), summary: 'Orange.' }));
  const invoca = await startFakeInvoca({ rows, transcripts: plans, analysis: hasAnalysis ? 'on' : 'not-applicable' });
  cleanups.push(() => invoca.close());
  await storePendingCalls({ uri: mongo.uri, calls, hasAnalysis });
  const trivialWorker = startProcess({ cleanups, program: TRIVIAL_WORKER, args: [temporal.address, TRIVIAL_QUEUE] });
  await once(trivialWorker.stdout, 'data');
  const worker = await startProductionWorker({ cleanups, temporal, mongo, invoca, children, settings });
  return { temporal, trivialWorker, worker, invoca };
}

async function storePendingCalls({ uri, calls, hasAnalysis }) {
  const store = await openStore({ uri, database: DATABASE });
  try {
    await store.ensureIndexes();
    const seenAt = new Date();
    for (let from = 0; from < calls; from += 500) {
      const transactions = Array.from({ length: Math.min(500, calls - from) }, (_unused, index) =>
        transactionOf({ index: from + index, seenAt }),
      );
      const merge = { account: ACCOUNT, source: 'invoca', transactions, transcriptPolicy: POLICY, now: () => seenAt };
      await store.calls.mergeTransactions(merge);
    }
    if (!hasAnalysis) await store.limits.setAnalysis({ account: ACCOUNT, value: 'off' });
  } finally {
    await store.close();
  }
}

/** Makes a transaction of a call long past, whose transcript is due at once. */
function transactionOf({ index, seenAt }) {
  return {
    callId: callIdOf(index),
    transaction: transactionFromColumns({
      transactionId: `T-${index}`,
      columns: { transaction_type: 'Call', start_time_utc: Date.UTC(2025, 5, 2) + index * 60_000, duration: 60 },
      customData: [],
      seenAt,
    }),
  };
}

export function callIdOf(index) {
  return `CALL-${index}`;
}

async function startProductionWorker({ cleanups, temporal, mongo, invoca, children, settings }) {
  const healthAddress = `127.0.0.1:${await getPort()}`;
  const env = {
    MONGODB_URI: mongo.uri,
    MONGODB_DATABASE: DATABASE,
    TEMPORAL_ADDRESS: temporal.address,
    INVOCA_ACCOUNT: ACCOUNT,
    INVOCA_BASE_URL: invoca.baseUrl,
    INVOCA_ID: invoca.networkId,
    INVOCA_TOKEN: invoca.token,
    INVOCA_REQUESTS_PER_SECOND: '1000',
    INVOCA_TRANSCRIPT_DELAYS: '1s',
    INVOCA_TRANSCRIPT_DEADLINE: '2s',
    CALLWEAVE_TRANSCRIPT_CHILDREN: String(children),
    CALLWEAVE_HEALTH_ADDRESS: healthAddress,
    CALLWEAVE_LOG_LEVEL: 'warn',
    ...settings,
  };
  const worker = startProcess({ cleanups, program: PRODUCTION_WORKER, args: [], env });
  while (!(await isReady(`http://${healthAddress}/readyz`))) {
    if (worker.exitCode !== null) throw new Error('The worker did not start; its reason is above.');
    await sleep(100);
  }
  return worker;
}

async function isReady(url) {
  try {
    return (await fetch(url)).ok;
  } catch {
    return false;
  }
}

function startProcess({ cleanups, program, args, env = {} }) {
  const started = spawn(process.execPath, [program, ...args], {
    env: { ...process.env, ...env },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  started.stdout.resume();
  const ended = once(started, 'exit');
  cleanups.push(async () => {
    started.kill();
    await ended;
  });
  return started;
}
