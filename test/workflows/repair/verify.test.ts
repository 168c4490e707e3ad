import { describe, expect, it } from 'vitest';
import { answerWith } from '../../../src/sample/faults.js';
import { createSampleFeed } from '../../../src/sample/feed/feed.js';
import { failureMessage } from '../../../src/temporal/runs/run-state.js';
import { startRemerge, startVerify } from '../../../src/temporal/runs/repairs.js';
import { liveStream } from '../../../src/workflows/ids.js';
import type { VerifyInput } from '../../../src/workflows/repair/verify.js';
import { startDrainWorld, type DrainWorld } from '../../support/drain-world.js';
import { minimalRows } from '../../support/fake-invoca.js';
import { expectedCalls, storedMeanings } from '../../support/stored-calls.js';
import { useTestNamespace } from '../../support/temporal-namespace.js';
import { useTestDatabase } from '../../support/test-database.js';

const servers = { temporal: useTestNamespace(), mongodb: useTestDatabase() };
const feed = createSampleFeed({ seed: 7, endsAt: new Date('2025-06-09T00:00:00Z'), calls: 120 });
const documents = () => servers.mongodb.db.collection<{ _id: string; [field: string]: unknown }>('calls');

/** Zone of the fake API's token. */
const ZONE = 'America/Los_Angeles';

/** Days that include the starts of all calls in these tests. */
const YEARS = { from: '2020-01-01', to: '2026-12-31' };

type WorldOptions = Parameters<typeof startDrainWorld>[0];

async function drainedWorld(invoca: WorldOptions['invoca'], account: WorldOptions['feed'] = {}): Promise<DrainWorld> {
  const world = await startDrainWorld({ servers, invoca, feed: account });
  await (await world.startDrain()).result();
  return world;
}

async function runVerify(world: DrainWorld, options: Partial<VerifyInput> = {}) {
  const input = { account: world.account, ...YEARS, repair: false, ...options };
  const { handle } = await startVerify(servers.temporal.client, input);
  return handle.result();
}

async function revisionsOf(account: string): Promise<Map<string, unknown>> {
  const calls = await documents().find({ account }).toArray();
  return new Map(calls.map(({ _id, revision }) => [_id, revision]));
}

/** Deletes some calls and damages others in several ways; returns the numbers of both. */
async function damage(account: string): Promise<{ deleted: number; damaged: number }> {
  const calls = await documents().find({ account }).sort({ _id: 1 }).toArray();
  const ids = calls.map(({ _id }) => _id);
  const withSignals = calls.filter(({ signals }) => (signals as unknown[]).length > 0).map(({ _id }) => _id);
  const withCorrections = calls.filter(({ transactions }) => (transactions as unknown[]).length > 1);
  const deleted = ids.slice(0, 10);
  const emptied = withSignals.filter((id) => !deleted.includes(id)).slice(0, 3);
  const shortened = withCorrections
    .map(({ _id }) => _id)
    .filter((id) => !deleted.includes(id) && !emptied.includes(id))
    .slice(0, 3);
  const changed = ids.filter((id) => ![...deleted, ...emptied, ...shortened].includes(id)).slice(0, 4);
  await documents().deleteMany({ _id: { $in: deleted } });
  await documents().updateMany({ _id: { $in: emptied } }, { $set: { signals: [] } });
  await documents().updateMany({ _id: { $in: shortened } }, { $pop: { transactions: 1 } as never });
  await documents().updateMany({ _id: { $in: changed } }, { $set: { result: 'Sold', durationSeconds: 1 } });
  return { deleted: deleted.length, damaged: emptied.length + shortened.length + changed.length };
}

describe('verify', { timeout: 60_000 }, () => {
  it('finds deleted and damaged calls, repairs only those, and then finds nothing', async () => {
    const world = await drainedWorld({ feed });
    const expected = await expectedCalls(world.feed.client);
    const { deleted, damaged } = await damage(world.account);
    const before = await servers.mongodb.store.checkpoints.list(world.account);

    const found = await runVerify(world);
    expect(found).toMatchObject({ rows: feed.rows.length, missing: deleted, stale: damaged, repaired: 0 });
    expect(found.details).toHaveLength(20);
    expect(found.details.filter(({ kind }) => kind === 'missing')).not.toHaveLength(0);
    expect(await documents().countDocuments({ account: world.account })).toBe(expected.size - deleted);

    const revisions = await revisionsOf(world.account);
    const repaired = await runVerify(world, { repair: true });
    expect(repaired).toMatchObject({ missing: deleted, stale: damaged, repaired: deleted + damaged });
    const written = [...(await revisionsOf(world.account))].filter(([id, revision]) => revisions.get(id) !== revision);
    expect(written).toHaveLength(deleted + damaged);

    expect(await runVerify(world)).toMatchObject({ missing: 0, stale: 0, repaired: 0, details: [] });
    const { store } = servers.mongodb;
    const stored = await storedMeanings({ store, account: world.account, callIds: expected.keys() });
    expect(stored).toEqual(expected);
    expect(await store.checkpoints.list(world.account), 'no cursor of a drain moved, and none was made').toEqual(
      before,
    );
  });

  it('finds the same when it continues as new after every page, and counts a call on two pages once', async () => {
    const world = await drainedWorld({ feed });
    await documents().deleteMany({ account: world.account });
    const calls = new Set((await expectedCalls(world.feed.client)).keys()).size;

    const found = await runVerify(world, { maxPagesPerRun: 1 });

    expect(found).toMatchObject({ rows: feed.rows.length, missing: calls, stale: 0 });
    expect(found.pages).toBe(Math.ceil(feed.rows.length / 100));
  });

  it('finds what the source no longer has, also in small pieces with many hand-overs, and repairs none of it', async () => {
    const world = await drainedWorld({ feed }, { timeZone: ZONE });
    const { account } = world;
    const examples = await documents().find({ account }).sort({ _id: 1 }).limit(3).toArray();
    const copies = examples.map((call, index) => ({
      ...call,
      _id: `${account}:GONE-${index}`,
      callId: `GONE-${index}`,
    }));
    await documents().insertMany(copies);
    const requests = world.invoca.requests.length;

    const found = await runVerify(world, { repair: true, maxPagesPerRun: 1, callsPerPiece: 50 });

    expect(found).toMatchObject({ missing: 0, stale: 0, repaired: 0, gone: 3, goneReason: null });
    expect(found.details.map(({ callId, kind }) => `${callId} ${kind}`)).toEqual([
      'GONE-0 gone',
      'GONE-1 gone',
      'GONE-2 gone',
    ]);
    expect(await documents().find({ account, callId: /^GONE/ }).sort({ _id: 1 }).toArray()).toEqual(copies);
    const probes = world.invoca.requests.slice(requests).filter(({ query }) => 'transaction_id' in query);
    expect(probes, 'the last row was asked for again').toHaveLength(1);
  });

  it('does not take for gone what comes after a row that the source forgets meanwhile', async () => {
    const world = await startDrainWorld({
      servers,
      invoca: { rows: minimalRows(150) },
      feed: { timeZone: ZONE },
    });
    await (await world.startDrain()).result();
    const forgotten = '9900-0000';
    for (const name of ['start_after_transaction_id', 'transaction_id']) {
      const answer = answerWith({ status: 200, body: '[]' });
      world.invoca.plan({ when: ({ query }) => query[name] === forgotten, answer });
    }

    const found = await runVerify(world, { from: '2025-06-02', to: '2025-06-03' });

    expect(found).toMatchObject({ rows: 100, gone: null, details: [] });
    expect(found.goneReason).toContain('no longer has the row');
  });

  it('asks for the given days, with its own cursor', async () => {
    const world = await drainedWorld({ rows: minimalRows(150) });
    const drained = world.invoca.requests.length;

    await runVerify(world, { from: '2025-06-02', to: '2025-06-03' });

    const queries = world.invoca.requests.slice(drained).map(({ query }) => query);
    expect(queries).toHaveLength(3);
    for (const query of queries) expect(query).toMatchObject({ from: '2025-06-02', to: '2025-06-03' });
    expect(queries[0]).not.toHaveProperty('start_after_transaction_id');
  });

  it('asks for smaller pages when the source is too slow for a whole one', async () => {
    const world = await startDrainWorld({ servers, invoca: { rows: minimalRows(300) }, feed: { pageLimit: 250 } });
    world.invoca.plan({ answer: answerWith({ status: 504 }) });

    expect(await runVerify(world)).toMatchObject({ rows: 300, missing: 300 });
    expect(world.invoca.requests.map(({ query }) => query['limit'])).toEqual(['250', '125', '125', '125', '125']);
  });

  it('waits for a hold, and fails at once on a wrong token', async () => {
    const world = await startDrainWorld({ servers, invoca: { rows: minimalRows(3) } });
    world.invoca.plan({ answer: answerWith({ status: 429, headers: { 'retry-after': '1' } }) });
    expect(await runVerify(world)).toMatchObject({ rows: 3 });

    world.invoca.plan({ answer: answerWith({ status: 401 }) });
    const error: unknown = await runVerify(world).catch((reason: unknown) => reason);
    expect(failureMessage(error)).toMatch(/401.*token/s);
  });

  it('fails when the source repeats its pages, even after many', async () => {
    const world = await startDrainWorld({ servers, invoca: { rows: minimalRows(1_000) } });
    world.invoca.plan({
      when: ({ query }) => query['start_after_transaction_id'] === '9300-0000',
      answer: answerWith({ status: 200, body: JSON.stringify(minimalRows(500).slice(400)) }),
      times: 2,
    });

    const error: unknown = await runVerify(world).catch((reason: unknown) => reason);

    expect(failureMessage(error)).toContain('repeats its pages');
    expect(await servers.mongodb.store.checkpoints.read(liveStream(world.account))).toBeNull();
  });

  it('runs once when it is started twice', async () => {
    const world = await startDrainWorld({ servers, invoca: { rows: minimalRows(3) } });
    world.invoca.plan({ answer: answerWith({ status: 429, headers: { 'retry-after': '600' } }) });
    const input = { account: world.account, ...YEARS, repair: false };
    const first = await startVerify(servers.temporal.client, input);

    await expect.poll(() => world.invoca.requests.length, { timeout: 20_000 }).toBe(1);
    const second = await startVerify(servers.temporal.client, { ...input, repair: true });

    expect([first, second]).toMatchObject([
      { attached: false, repair: false },
      { attached: true, repair: false },
    ]);
    await second.handle.terminate('the test has seen it attach');
  });
});

describe('remerge', { timeout: 60_000 }, () => {
  it('recomputes every call without the source, and writes those that differ', async () => {
    const world = await drainedWorld({ feed });
    const { account } = world;
    const expected = await expectedCalls(world.feed.client);
    const requests = world.invoca.requests.length;
    await documents().updateMany({ account }, { $set: { columns: {} } });
    const ids = [...expected.keys()].slice(0, 5).map((callId) => `${account}:${callId}`);
    await documents().updateMany({ _id: { $in: ids } }, { $set: { events: [], legs: [], provenance: {} } });

    const { handle } = await startRemerge(servers.temporal.client, { account, window: null, maxBatchesPerRun: 1 });
    const result = await handle.result();

    expect(result).toEqual({ account, from: null, to: null, calls: expected.size, changed: expected.size });
    const { store } = servers.mongodb;
    expect(await storedMeanings({ store, account, callIds: expected.keys() })).toEqual(expected);
    expect(world.invoca.requests).toHaveLength(requests);
    const again = await startRemerge(servers.temporal.client, { account, window: null });
    expect(await again.handle.result()).toMatchObject({ calls: expected.size, changed: 0 });
  });

  it('recomputes only calls of the given days, in the zone of the account', async () => {
    const world = await startDrainWorld({
      servers,
      invoca: { rows: minimalRows(900) },
      feed: { timeZone: 'America/Los_Angeles' },
    });
    await (await world.startDrain()).result();
    await documents().updateMany({ account: world.account }, { $set: { result: 'Sold' } });

    const window = { from: '2025-06-02', to: '2025-06-02' };
    const { handle } = await startRemerge(servers.temporal.client, { account: world.account, window });

    // A call a minute from 11:00 in Los Angeles on, so 780 of them before the day ends.
    expect(await handle.result()).toMatchObject({ ...window, calls: 780, changed: 780 });
  });

  it('names the setting that days need', async () => {
    const world = await startDrainWorld({ servers, invoca: { rows: [] } });
    const window = { from: '2025-06-02', to: '2025-06-02' };

    const { handle } = await startRemerge(servers.temporal.client, { account: world.account, window });

    const error: unknown = await handle.result().catch((reason: unknown) => reason);
    expect(failureMessage(error)).toContain('INVOCA_TIME_ZONE');
  });
});
