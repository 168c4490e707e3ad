import { describe, expect, it } from 'vitest';
import { liveStream, WORKFLOW_TASK_QUEUE } from '../../../src/workflows/ids.js';
import { answerWith } from '../../../src/sample/faults.js';
import { startDrainWorld, type DrainWorld } from '../../support/drain-world.js';
import { runsOf } from '../../support/runs.js';
import { useTestNamespace } from '../../support/temporal-namespace.js';
import { useTestDatabase } from '../../support/test-database.js';

const servers = { temporal: useTestNamespace(), mongodb: useTestDatabase() };
const timeZone = 'America/Los_Angeles';

/** Returns a call of the day, at ten in the morning in Los Angeles. */
function aCall(id: string, day: string): Record<string, unknown> {
  return {
    transaction_id: id,
    complete_call_id: `CALL-${id}`,
    transaction_type: 'Call',
    start_time_utc: Date.parse(`${day}T17:00:00Z`),
    duration: 60,
  };
}

function aCorrection(id: string, { of, day }: { of: string; day: string }): Record<string, unknown> {
  return {
    ...aCall(id, day),
    complete_call_id: `CALL-${of}`,
    corrects_transaction_id: of,
    corrected_at: '2025-06-20 09:00:00 -07:00',
  };
}

async function drained(rows: readonly unknown[]): Promise<DrainWorld> {
  const world = await aWorld(rows);
  await (await world.startDrain()).result();
  return world;
}

function aWorld(rows: readonly unknown[]): Promise<DrainWorld> {
  return startDrainWorld({ servers, invoca: { rows }, feed: { startDate: '2025-06-10', timeZone } });
}

async function storedIds({ account }: DrainWorld): Promise<string[]> {
  const calls = await servers.mongodb.db.collection('calls').find({ account }).sort({ callId: 1 }).toArray();
  return calls.map(({ callId }) => callId as string);
}

function daysAsked({ invoca }: DrainWorld): unknown[] {
  return invoca.requests.flatMap(({ query }) => query['from'] ?? []);
}

describe('a drain with INVOCA_START_DATE', () => {
  it('reads every call from the day on, and hardly one before, even if a day ends with a late correction', async () => {
    const world = await drained([
      aCall('LONG-BEFORE', '2025-06-01'),
      aCall('SEED', '2025-06-08'),
      aCall('LATER-THAT-DAY', '2025-06-08'),
      aCall('DAY-BEFORE', '2025-06-09'),
      aCall('FIRST', '2025-06-10'),
      aCall('SECOND', '2025-06-11'),
      aCorrection('LATE', { of: 'LATER-THAT-DAY', day: '2025-06-08' }),
      aCall('THIRD', '2025-06-12'),
    ]);

    expect(daysAsked(world)).toEqual(['2025-06-08']);
    expect(await storedIds(world)).toEqual([
      'CALL-DAY-BEFORE',
      'CALL-FIRST',
      'CALL-LATER-THAT-DAY',
      'CALL-SECOND',
      'CALL-THIRD',
    ]);
    expect(await servers.mongodb.store.checkpoints.read(liveStream(world.account))).toMatchObject({
      liveStart: { kind: 'day', day: '2025-06-10' },
    });
  });

  it('goes back day by day until one has an original row besides its last row', async () => {
    const world = await drained([
      aCall('A', '2025-06-05'),
      aCall('B', '2025-06-05'),
      aCall('ONLY', '2025-06-07'),
      aCall('FIRST', '2025-06-10'),
      aCorrection('LATE', { of: 'B', day: '2025-06-05' }),
    ]);

    expect(daysAsked(world)).toEqual(['2025-06-08', '2025-06-07', '2025-06-06', '2025-06-05']);
    expect(await storedIds(world)).toEqual(['CALL-B', 'CALL-FIRST', 'CALL-ONLY']);
  });

  it('continues the search in the next run', async () => {
    const world = await aWorld([
      aCall('SEED', '2025-06-06'),
      aCall('LAST', '2025-06-06'),
      aCall('FIRST', '2025-06-10'),
      aCall('SECOND', '2025-06-11'),
    ]);
    const { client } = servers.temporal;
    const workflowId = `drain/${world.account}`;

    const result: unknown = await client.workflow.execute('drain', {
      args: [{ account: world.account, maxPagesPerRun: 1 }],
      workflowId,
      taskQueue: WORKFLOW_TASK_QUEUE,
    });

    expect(result).toMatchObject({ pages: 1, rows: 3, ended: 'caught-up' });
    expect(daysAsked(world)).toEqual(['2025-06-08', '2025-06-07', '2025-06-06']);
    expect(await storedIds(world)).toEqual(['CALL-FIRST', 'CALL-LAST', 'CALL-SECOND']);
    // Two that find nothing, one that finds the start and the page after it, and one that finds no more.
    expect(await runsOf(client, workflowId)).toBe(4);
  });

  it('starts at the oldest row after many runs that find nothing', async () => {
    const world = await aWorld([aCall('OLD', '2025-01-01'), aCall('FIRST', '2025-06-10')]);
    const { client } = servers.temporal;
    const workflowId = `drain/${world.account}`;

    await client.workflow.execute('drain', {
      args: [{ account: world.account, maxPagesPerRun: 5 }],
      workflowId,
      taskQueue: WORKFLOW_TASK_QUEUE,
    });

    expect(daysAsked(world)).toHaveLength(14);
    expect(await storedIds(world)).toEqual(['CALL-FIRST', 'CALL-OLD']);
  });

  it('starts at the oldest row if two weeks have no row to start after', async () => {
    const world = await drained([aCall('OLD', '2025-01-01'), aCall('FIRST', '2025-06-10')]);

    expect(daysAsked(world)).toHaveLength(14);
    expect(await storedIds(world)).toEqual(['CALL-FIRST', 'CALL-OLD']);
    expect(await servers.mongodb.store.checkpoints.read(liveStream(world.account))).toMatchObject({
      liveStart: { kind: 'oldest' },
    });
  });

  it('does not change an existing stream', async () => {
    const world = await drained([aCall('SEED', '2025-06-08'), aCall('LAST', '2025-06-08')]);
    const asked = daysAsked(world).length;

    await (await world.startDrain()).result();

    expect(daysAsked(world)).toHaveLength(asked);
  });

  it('waits for a source that does not answer', async () => {
    const world = await aWorld([
      aCall('SEED', '2025-06-08'),
      aCall('LAST', '2025-06-08'),
      aCall('FIRST', '2025-06-10'),
    ]);
    world.invoca.plan({ answer: answerWith({ status: 503 }) });

    await (await world.startDrain()).result();

    expect(await storedIds(world)).toEqual(['CALL-FIRST', 'CALL-LAST']);
  });
});
