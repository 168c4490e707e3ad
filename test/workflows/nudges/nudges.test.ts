import type { WorkflowHandle } from '@temporalio/client';
import { describe, expect, it } from 'vitest';
import type { NudgeTiming } from '../../../src/domain/nudges/nudge-timing.js';
import { answerWith } from '../../../src/sample/faults.js';
import { nudgesWorkflowId } from '../../../src/workflows/ids.js';
import { nudgesProgressQuery } from '../../../src/workflows/nudges/nudges-progress.js';
import { holdAnswers } from '../../support/backfills.js';
import { startDrainWorld, type DrainWorld } from '../../support/drain-world.js';
import { minimalRows } from '../../support/fake-invoca.js';
import { runsOf } from '../../support/runs.js';
import { expectedCalls, storedMeanings } from '../../support/stored-calls.js';
import { useTestNamespace } from '../../support/temporal-namespace.js';
import { useTestDatabase } from '../../support/test-database.js';
import { nudge } from './nudge-world.js';

const servers = { temporal: useTestNamespace(), mongodb: useTestDatabase() };
const SOON: NudgeTiming = { collectMs: 50, longestCollectMs: 1_000, joinMs: 50, lookAgainAfterMs: [1_500, 3_000] };

const documents = () => servers.mongodb.db.collection<{ _id: string; [field: string]: unknown }>('calls');

function callsRead({ invoca }: DrainWorld): unknown[] {
  return invoca.requests.flatMap(({ query }) => query['call_record_id'] ?? []);
}

function ids(count: number): string[] {
  return Array.from({ length: count }, (_, index) => `CALL-${index}`);
}

/** Waits for the result of the workflow's last run. */
function resultOf({ account }: DrainWorld): Promise<unknown> {
  return handleOf(account).result();
}

function handleOf(account: string): WorkflowHandle {
  return servers.temporal.client.workflow.getHandle(nudgesWorkflowId(account));
}

function progressOf(account: string) {
  return handleOf(account).query(nudgesProgressQuery);
}

describe('nudges', { timeout: 60_000 }, () => {
  it('reads a call once, however often it is named, and fetches its transcript like any other', async () => {
    const [row] = minimalRows(1).map((minimal) => ({ ...minimal, start_time_utc: Date.now() - 60_000 }));
    const transcripts = { enabled: true, maxAgeMs: null, delaysMs: [3_600_000], deadlineMs: 7_200_000 };
    const world = await startDrainWorld({ servers, invoca: { rows: [row] }, feed: { transcripts } });
    const { account } = world;
    const timing = { collectMs: 5_000, longestCollectMs: 60_000 };

    const callIds = Array.from({ length: 20 }, () => 'CALL-0');
    const signals = Array.from({ length: 50 }, () => nudge(servers.temporal, { account, timing }, { callIds }));
    await Promise.all(signals);
    const counts = { received: 1_000, read: 1, dropped: 0, notShown: 0, failed: 0 };
    expect(await resultOf(world)).toEqual({ account, ...counts });

    expect(callsRead(world)).toEqual(['CALL-0']);
    expect(await documents().findOne({ _id: `${account}:CALL-0` })).toMatchObject({
      durationSeconds: 60,
      transcript: { status: 'pending', lane: 'fresh' },
    });
    const lastAt: unknown = expect.any(Date);
    expect(await servers.mongodb.store.nudges.read(account)).toEqual({ ...counts, lastAt });
  });

  it('asks for the calls of transactions, and reads each call once for all that belongs to it', async () => {
    const rows = minimalRows(3).map((row, index) => ({ ...row, complete_call_id: index === 2 ? 'B' : 'A' }));
    const world = await startDrainWorld({ servers, invoca: { rows } });
    const { account } = world;
    const timing = { ...SOON, joinMs: 4_000 };

    const transactionIds = ['9999-0000', '9998-0000', '9997-0000'];
    await nudge(servers.temporal, { account, timing }, { transactionIds });
    expect(await resultOf(world)).toMatchObject({ received: 3, read: 3 });

    expect(callsRead(world).toSorted()).toEqual(['A', 'B']);
    const expected = await expectedCalls(world.feed.client);
    const { store } = servers.mongodb;
    expect(await storedMeanings({ store, account, callIds: expected.keys() })).toEqual(expected);
  });

  it('looks again for what the API does not show yet, and leaves the rest to the drain', async () => {
    let isShown = false;
    const rows = minimalRows(1).map((row) => ({ row, availableAt: new Date(1_000) }));
    const now = (): Date => new Date(isShown ? 1_000 : 0);
    const world = await startDrainWorld({ servers, invoca: { feed: { rows }, now } });
    const { account } = world;
    const { store } = servers.mongodb;

    await nudge(servers.temporal, { account, timing: SOON }, { callIds: ['CALL-0', 'NONE'], transactionIds: ['LIE'] });
    await expect.poll(() => store.nudges.read(account), { timeout: 20_000 }).toMatchObject({ notShown: 3, read: 0 });
    isShown = true;

    expect(await resultOf(world)).toMatchObject({ received: 3, read: 1, notShown: 2 });
    expect(await store.nudges.read(account)).toMatchObject({ received: 3, read: 1, notShown: 2 });
    expect(callsRead(world).filter((id) => id === 'NONE')).toHaveLength(3);
    expect(await documents().countDocuments({ account })).toBe(1);
  });

  it('hands over after so many signals without losing an id that comes meanwhile', async () => {
    const world = await startDrainWorld({ servers, invoca: { rows: minimalRows(40) } });
    const { account } = world;
    const input = { account, timing: SOON, maxSignalsPerRun: 3 };

    const held = holdAnswers(world, { times: 1 });
    await nudge(servers.temporal, input, { callIds: ['CALL-0'] });
    await held.waitFor(1);
    const more = ids(40).slice(1);
    for (const id of more.slice(0, 3)) await nudge(servers.temporal, input, { callIds: [id] });
    // The first run is handing over now: it waits for the call that is being read.
    const sent = more.slice(3).map((id) => nudge(servers.temporal, input, { callIds: [id] }));
    await Promise.race(sent);
    held.release();
    await Promise.all(sent);
    await expect
      .poll(() => servers.mongodb.store.nudges.read(account), { timeout: 40_000, interval: 500 })
      .toMatchObject({ received: 40, read: 40, dropped: 0, notShown: 0, failed: 0 });

    await resultOf(world);
    expect(await documents().countDocuments({ account })).toBe(40);
    expect(await runsOf(servers.temporal.client, nudgesWorkflowId(account))).toBeGreaterThan(1);
  });

  it('loses nothing if the worker stops in the middle of a read', async () => {
    const world = await startDrainWorld({ servers, invoca: { rows: minimalRows(4) } });
    const { account } = world;
    const input = { account, timing: SOON };
    const held = holdAnswers(world, { times: 2 });

    await nudge(servers.temporal, input, { callIds: ['CALL-0', 'CALL-1'] });
    await held.waitFor(2);
    await world.replaceWorker(async () => {
      await nudge(servers.temporal, input, { callIds: ['CALL-1', 'CALL-2'], transactionIds: ['9996-0000'] });
      held.release();
    });

    expect(await resultOf(world)).toMatchObject({ received: 5, read: 5 });
    expect(await documents().countDocuments({ account })).toBe(4);
  });

  it('drops what is new while 500 ids wait', async () => {
    const world = await startDrainWorld({ servers, invoca: {} });
    const { account } = world;
    const timing = { collectMs: 600_000, longestCollectMs: 600_000 };

    const handle = await nudge(servers.temporal, { account, timing }, { callIds: ids(400) });
    await nudge(servers.temporal, { account, timing }, { callIds: ids(600) });

    expect(await progressOf(account)).toMatchObject({ idsWaiting: 500, received: 1_000, dropped: 100 });
    await handle.terminate();
  });

  it('counts a read that is refused as failed, and reads the others', async () => {
    const world = await startDrainWorld({ servers, invoca: { rows: minimalRows(3) } });
    const { account, invoca } = world;
    const asksFor = (id: string) => (request: { query: Readonly<Record<string, unknown>> }) =>
      request.query['call_record_id'] === id;
    invoca.plan({ when: asksFor('CALL-0'), answer: answerWith({ status: 403 }) });
    const otherRows = JSON.stringify(minimalRows(3));
    invoca.plan({ when: asksFor('CALL-1'), answer: answerWith({ status: 200, body: otherRows }) });

    await nudge(servers.temporal, { account, timing: SOON }, { callIds: ids(3) });

    expect(await resultOf(world)).toMatchObject({ received: 3, read: 1, failed: 2 });
    expect(await documents().countDocuments({ account })).toBe(1);
  });

  it('shows a hold, asks nothing while it lasts, and hands over without waiting for its end', async () => {
    const world = await startDrainWorld({ servers, invoca: { rows: minimalRows(30) } });
    const { account, invoca } = world;
    invoca.plan({ answer: answerWith({ status: 429, headers: { 'retry-after': '3600' } }), times: 1 });
    const input = { account, timing: SOON, maxSignalsPerRun: 2 };
    const onHold = { waiting: { reason: expect.stringContaining('429') as unknown }, idsBeingRead: 0 };
    await nudge(servers.temporal, input, { callIds: ['CALL-0'] });
    await expect.poll(() => progressOf(account), { timeout: 20_000 }).toMatchObject(onHold);

    for (const id of ids(5)) await nudge(servers.temporal, input, { callIds: [id] });
    const runs = (): Promise<number> => runsOf(servers.temporal.client, nudgesWorkflowId(account));
    await expect.poll(runs, { timeout: 20_000 }).toBeGreaterThan(1);

    await expect
      .poll(() => progressOf(account), { timeout: 20_000 })
      .toMatchObject({ ...onHold, idsWaiting: 5, received: 6 });
    expect(invoca.requests).toHaveLength(1);
    await handleOf(account).terminate();
  });

  it('adds nothing to what a drain at the same time stores, and leaves an erased call erased', async () => {
    const world = await startDrainWorld({ servers, invoca: { rows: minimalRows(30) } });
    const { account, feed } = world;
    const { store } = servers.mongodb;
    const expected = await expectedCalls(feed.client);
    await nudge(servers.temporal, { account, timing: SOON }, { callIds: ['CALL-0'] });
    await resultOf(world);
    await store.erasures.eraseCalls([`${account}:CALL-0`], new Date());

    const drained = world.startDrain();
    await nudge(servers.temporal, { account, timing: SOON }, { callIds: ids(30) });
    await (await drained).result();
    expect(await resultOf(world)).toMatchObject({ received: 30, read: 30 });

    expected.delete('CALL-0');
    expect(await storedMeanings({ store, account, callIds: expected.keys() })).toEqual(expected);
    expect(await documents().countDocuments({ account })).toBe(30);
    expect(await documents().findOne({ _id: `${account}:CALL-0` })).toHaveProperty('erasedAt');
  });
});
