import { describe, expect, it } from 'vitest';
import type { TranscriptPolicy } from '../../../src/domain/transcripts/transcript.js';
import { answerWith } from '../../../src/sample/faults.js';
import { progressOf } from '../../../src/temporal/runs/run-state.js';
import { startEstimate } from '../../../src/temporal/runs/backfills.js';
import { estimateProgressQuery } from '../../../src/workflows/backfill/backfill-progress.js';
import { estimateWorkflowId, WORKFLOW_TASK_QUEUE } from '../../../src/workflows/ids.js';
import { startDrainWorld, type DrainWorld } from '../../support/drain-world.js';
import { minimalRows } from '../../support/fake-invoca.js';
import { runsOf } from '../../support/runs.js';
import { useTestNamespace } from '../../support/temporal-namespace.js';
import { useTestDatabase } from '../../support/test-database.js';

const servers = { temporal: useTestNamespace(), mongodb: useTestDatabase() };

/** Day of the minimal rows: one a minute from 11:00 on. */
const busyDay = '2025-06-02';
const quietDay = '2025-06-03';
const PACIFIC = 'America/Los_Angeles';
const ALL_TRANSCRIPTS: TranscriptPolicy = { enabled: true, maxAgeMs: null, delaysMs: [1_000], deadlineMs: 2_000 };

function startProbes(world: DrainWorld, probed: readonly string[]) {
  const days = { from: busyDay, to: quietDay };
  return startEstimate(servers.temporal.client, { account: world.account, days, probed });
}

describe('estimateBackfill', () => {
  it('makes one request a day, counts what a backfill would find, and writes nothing', async () => {
    const world = await startDrainWorld({
      servers,
      invoca: { rows: minimalRows(50), timeZone: PACIFIC },
      feed: { timeZone: PACIFIC, transcripts: ALL_TRANSCRIPTS },
    });

    const probes = await (await startProbes(world, [busyDay, quietDay])).result();

    expect(probes).toMatchObject([
      { day: busyDay, limit: 100, rows: 50, calls: 50, transcripts: 50, share: 1 },
      { day: quietDay, limit: 100, rows: 0, calls: 0, transcripts: 0, share: 1 },
    ]);
    expect(world.invoca.requests.map(({ query }) => [query['from'], query['to'], query['limit']])).toEqual([
      [busyDay, busyDay, '100'],
      [quietDay, quietDay, '100'],
    ]);
    expect(await servers.mongodb.db.collection('calls').countDocuments({ account: world.account })).toBe(0);
    expect(await servers.mongodb.db.collection('checkpoints').countDocuments({ account: world.account })).toBe(0);
  });

  it('expects no transcripts for stored calls', async () => {
    const world = await startDrainWorld({
      servers,
      invoca: { rows: minimalRows(50), timeZone: PACIFIC },
      feed: { timeZone: PACIFIC, transcripts: ALL_TRANSCRIPTS },
    });
    await (await world.startDrain()).result();

    expect(await (await startProbes(world, [busyDay])).result()).toMatchObject([{ calls: 50, transcripts: 0 }]);
  });

  it('expects no transcripts if they are turned off for the account', async () => {
    const world = await startDrainWorld({
      servers,
      invoca: { rows: minimalRows(50), timeZone: PACIFIC },
      feed: { timeZone: PACIFIC },
    });

    expect(await (await startProbes(world, [busyDay])).result()).toMatchObject([{ calls: 50, transcripts: 0 }]);
  });

  it('computes the share of its day that a full page covers', async () => {
    const world = await startDrainWorld({
      servers,
      invoca: { rows: minimalRows(200), timeZone: PACIFIC },
      feed: { timeZone: PACIFIC },
    });

    const [probe] = await (await startProbes(world, [busyDay])).result();

    expect(probe).toMatchObject({ rows: 100 });
    // The hundredth call began at 12:39.
    expect(probe?.share).toBeCloseTo((12 * 60 + 39) / (24 * 60), 6);
  });

  it('asks for half the page if the source is too slow for a whole one', async () => {
    const world = await startDrainWorld({
      servers,
      invoca: { rows: minimalRows(50), timeZone: PACIFIC },
      feed: { timeZone: PACIFIC, pageLimit: 300 },
    });
    world.invoca.plan({ answer: answerWith({ status: 504, body: '<html>timeout</html>' }) });

    const probes = await (await startProbes(world, [busyDay, quietDay])).result();

    expect(probes.map(({ limit }) => limit)).toEqual([150, 150]);
  });

  it('makes the same requests when it continues as new after each, also after a wait', async () => {
    const world = await startDrainWorld({
      servers,
      invoca: { rows: minimalRows(50), timeZone: PACIFIC },
      feed: { timeZone: PACIFIC, pageLimit: 300 },
      // Ends the half minute of waiting in an outage at once.
      now: () => new Date(Date.now() - 30_000),
    });
    world.invoca.plan({ answer: answerWith({ status: 504 }) });
    world.invoca.plan({
      answer: answerWith({ status: 503 }),
      when: ({ query }) => query['from'] === quietDay,
      times: 3,
    });
    const { client } = servers.temporal;
    const workflowId = estimateWorkflowId({ account: world.account, from: busyDay, to: quietDay });

    const probes: unknown = await client.workflow.execute('estimateBackfill', {
      args: [{ account: world.account, days: [busyDay, quietDay, busyDay], maxRequestsPerRun: 1 }],
      workflowId,
      taskQueue: WORKFLOW_TASK_QUEUE,
    });

    const onBusyDay = { day: busyDay, limit: 150, rows: 50 };
    expect(probes).toMatchObject([onBusyDay, { day: quietDay, limit: 150, rows: 0 }, onBusyDay]);
    expect(world.invoca.requests.map(({ query }) => [query['from'], query['limit']])).toEqual([
      [busyDay, '300'],
      [busyDay, '150'],
      ...Array.from({ length: 4 }, () => [quietDay, '150']),
      [busyDay, '150'],
    ]);
    expect(await runsOf(client, workflowId)).toBe(5);
  });

  it('shows a long hold, and makes no request meanwhile', async () => {
    const world = await startDrainWorld({ servers, invoca: { rows: [] }, feed: { timeZone: PACIFIC } });
    world.invoca.plan({ answer: answerWith({ status: 429, headers: { 'retry-after': '600' } }) });

    const handle = await startProbes(world, [busyDay, quietDay]);

    await expect
      .poll(async () => (await progressOf(handle, estimateProgressQuery))?.waiting?.reason, { timeout: 20_000 })
      .toContain('429');
    expect(world.invoca.requests).toHaveLength(1);
    await handle.terminate('the test has seen it wait');
  });

  it('is replaced by a newer one of the same range', async () => {
    const world = await startDrainWorld({ servers, invoca: { rows: [] }, feed: { timeZone: PACIFIC } });
    world.invoca.plan({ answer: answerWith({ status: 429, headers: { 'retry-after': '600' } }) });
    const first = await startProbes(world, [busyDay]);
    await expect.poll(() => world.invoca.requests.length, { timeout: 20_000 }).toBe(1);

    const second = await startProbes(world, [quietDay]);

    await expect(first.result()).rejects.toHaveProperty('cause.name', 'TerminatedFailure');
    await second.terminate('the test has seen it begin');
  });
});
