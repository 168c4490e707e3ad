/**
 * Measures the time to claim due transcripts and to write the outcome of a look, with growing backlogs.
 *
 * `--calls N`: the largest backlog (100,000; 1,000,000 takes some minutes). `--limit N`: calls in a claim (500).
 * Uses the server of MONGODB_URI, else an embedded one, and drops the database afterwards.
 */
import { randomUUID } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import getPort from 'get-port';
import { MongoClient } from 'mongodb';
import { foldTransactions } from '../dist/domain/invoca/fold.js';
import { mergeCall } from '../dist/domain/invoca/merge.js';
import { transactionFromColumns } from '../dist/domain/invoca/row.js';
import { startEmbeddedMongo } from '../dist/embedded/mongodb.js';
import { newCallDocument } from '../dist/store/calls/call-document.js';
import { openStore } from '../dist/store/store.js';

const ACCOUNT = 'bench';
const BATCH = 5_000;
const MAX_CLAIMS = 40;
const LOOKS = 200;
const LEASE_MS = 1_800_000;
/** The number of fresh calls: few, so that the first claim reads both lanes and the others find one empty. */
const FRESH = 250;

const FIRST_DUE_MS = Date.parse('2024-06-01T00:00:00Z');
/** The number of calls per millisecond, as a backfill makes them. */
const CALLS_PER_MS = 4;

export async function bench(args) {
  const options = { calls: { type: 'string', default: '100000' }, limit: { type: 'string', default: '500' } };
  const { values } = parseArgs({ args, options });
  const [calls, limit] = [Number(values.calls), Number(values.limit)];
  const server = await startServer();
  const database = `callweave_bench_${randomUUID().slice(0, 8)}`;
  const client = new MongoClient(server.uri);
  try {
    const store = await openStore({ uri: server.uri, database });
    await store.ensureIndexes();
    await store.close();
    await measureAll({ uri: server.uri, database, collection: client.db(database).collection('calls'), calls, limit });
  } finally {
    await client.db(database).dropDatabase();
    await client.close();
    await server.stop();
  }
}

async function measureAll({ uri, database, collection, calls, limit }) {
  let stored = 0;
  for (const backlog of sizesUpTo(calls)) {
    const loadedAt = performance.now();
    for (; stored < backlog; stored += BATCH) await insertCalls(collection, stored, Math.min(BATCH, backlog - stored));
    process.stderr.write(`${format(backlog)} calls after ${seconds(performance.now() - loadedAt)} s of loading\n`);
    // A new store, like that of a worker that just started.
    const store = await openStore({ uri, database });
    process.stdout.write(`${await measure({ store, backlog, limit })}\n`);
    await store.close();
  }
}

async function measure({ store, backlog, limit }) {
  const due = { account: ACCOUNT, now: new Date(FIRST_DUE_MS + backlog), leaseMs: LEASE_MS, limit };
  const [firstMs, first] = await timed(() => store.transcripts.claim(due));
  const claimsMs = [];
  for (let claims = 0; claims < Math.min(MAX_CLAIMS, Math.floor((0.75 * backlog) / limit)); claims += 1) {
    const [ms, { claimed }] = await timed(() => store.transcripts.claim(due));
    if (claimed.length !== limit) throw new Error(`A claim of ${limit} of ${backlog} due calls got ${claimed.length}.`);
    claimsMs.push(ms);
  }
  const looksMs = [];
  for (const { callId, attempts } of first.claimed.slice(0, LOOKS)) {
    const outcome = { status: 'pending', nextAttemptAt: due.now, reason: 'not yet' };
    const look = { account: ACCOUNT, callId, attempts, leasedUntil: first.leasedUntil, outcome, now: due.now };
    looksMs.push((await timed(() => store.transcripts.finishLook(look)))[0]);
  }
  return (
    `${format(backlog).padStart(9)} pending | claim of ${limit}: first ${firstMs.toFixed(0)} ms, ` +
    `then ${spread(claimsMs)} | look written: ${spread(looksMs)}`
  );
}

async function insertCalls(collection, from, count) {
  const documents = Array.from({ length: count }, (_, index) => callDocument(from + index));
  await collection.insertMany(documents, { ordered: false });
}

function callDocument(index) {
  const createdAt = new Date(FIRST_DUE_MS + Math.floor(index / CALLS_PER_MS));
  return newCallDocument({
    account: ACCOUNT,
    source: 'invoca',
    callId: `CALL-${index}`,
    merged: { ...MERGED, startedAt: new Date(FIRST_DUE_MS - index * 1_000) },
    transcript: {
      status: 'pending',
      lane: index < FRESH ? 'fresh' : 'old',
      attempts: 0,
      nextAttemptAt: createdAt,
      fetchedAt: null,
      text: null,
      turns: [],
      reason: null,
    },
    createdAt,
  });
}

const MERGED = mergeCall(
  foldTransactions({
    stored: [],
    seen: [
      transactionFromColumns({
        transactionId: 'T1',
        columns: { transaction_type: 'Call', duration: 214, calling_phone_number: '775-555-0143' },
        customData: [],
        seenAt: new Date(FIRST_DUE_MS),
      }),
    ],
  }).transactions,
);

async function startServer() {
  const uri = process.env.MONGODB_URI;
  if (uri !== undefined && uri !== '') return { uri, stop: () => Promise.resolve() };
  const dataDir = await mkdtemp(join(tmpdir(), 'callweave-bench-'));
  const say = (line) => process.stderr.write(`${line}\n`);
  const server = await startEmbeddedMongo({ dataDir, port: await getPort(), say });
  const stop = async () => {
    await server.stop();
    await rm(dataDir, { recursive: true, force: true });
  };
  return { uri: server.uri, stop };
}

function* sizesUpTo(calls) {
  for (let size = 10_000; size < calls; size *= 10) yield size;
  yield calls;
}

async function timed(operation) {
  const startedAt = performance.now();
  const result = await operation();
  return [performance.now() - startedAt, result];
}

function spread(samplesMs) {
  const sorted = samplesMs.toSorted((a, b) => a - b);
  const at = (share) => sorted[Math.max(0, Math.ceil(sorted.length * share) - 1)].toFixed(1);
  return `p50 ${at(0.5)} ms, p95 ${at(0.95)} ms`;
}

function format(count) {
  return count.toLocaleString('en');
}

function seconds(ms) {
  return (ms / 1_000).toFixed(0);
}
