import type { WorkflowHandle } from '@temporalio/client';
import { describe, expect, it } from 'vitest';
import { answerWith } from '../../../src/sample/faults.js';
import { progressOf } from '../../../src/temporal/runs/run-state.js';
import {
  cancelBackfill,
  describeBackfill,
  listBackfills,
  pauseBackfill,
  resumeBackfill,
  runningBackfills,
  setBackfillParallel,
  startBackfill,
} from '../../../src/temporal/runs/backfills.js';
import { drainProgressQuery } from '../../../src/workflows/feed/drain-progress.js';
import { backfillWorkflowId, windowWorkflowId } from '../../../src/workflows/ids.js';
import { backfillWhere, holdAnswers, tenDays, tenDaysOfRows } from '../../support/backfills.js';
import { startDrainWorld, type DrainWorld } from '../../support/drain-world.js';
import { useTestNamespace } from '../../support/temporal-namespace.js';
import { useTestDatabase } from '../../support/test-database.js';

const servers = { temporal: useTestNamespace(), mongodb: useTestDatabase() };

function tenDayWorld(perDay = 2): Promise<DrainWorld> {
  const invoca = { rows: tenDaysOfRows(perDay), timeZone: 'UTC' };
  return startDrainWorld({ servers, invoca, feed: { timeZone: 'UTC', pageLimit: 1 } });
}

describe('a backfill that is steered', { timeout: 60_000 }, () => {
  it('asks for no page while paused, neither in running windows nor in new ones', async () => {
    const { client } = servers.temporal;
    const world = await tenDayWorld();
    const held = holdAnswers(world, { times: 3 });
    const { handle } = await startBackfill(client, tenDays(world.account));
    await held.waitFor(3);

    expect(await pauseBackfill(client, handle.workflowId)).toEqual({ state: 'paused', parallel: 3 });
    const windows = ['01', '02', '03'].map((day) => windowHandle(handle.workflowId, `2024-05-${day}`));
    await expect.poll(() => Promise.all(windows.map(signalsTo)), { timeout: 20_000 }).toEqual([1, 1, 1]);
    held.release();
    // A window that reported its page would have asked for the next one by now.
    await expect.poll(() => Promise.all(windows.map(pagesOf)), { timeout: 20_000 }).toEqual([1, 1, 1]);
    const paused = await backfillWhere(handle, () => true);

    expect(paused).toMatchObject({ state: 'paused', windows: { done: 0, left: 7 }, endsAt: null });
    expect(world.invoca.requests).toHaveLength(3);
    expect((await describeBackfill(client, handle.workflowId))?.state).toBe('paused');
    await expect(pauseBackfill(client, handle.workflowId)).rejects.toThrow(/cannot be paused: it is paused/);

    await resumeBackfill(client, handle.workflowId);
    expect(await handle.result()).toMatchObject({ windows: 10, rows: 20, state: 'completed' });
  });

  it('drains as many windows at once as was set last', async () => {
    const { client } = servers.temporal;
    const world = await tenDayWorld();
    const held = holdAnswers(world, { times: 5 });
    const { handle } = await startBackfill(client, tenDays(world.account, { parallel: 1 }));
    await held.waitFor(1);

    await setBackfillParallel(client, handle.workflowId, 5);
    await held.waitFor(5);

    await expect.poll(async () => (await describeBackfill(client, handle.workflowId))?.options.parallel).toBe(5);
    for (const parallel of [0, 1.5, 21]) {
      await expect(setBackfillParallel(client, handle.workflowId, parallel)).rejects.toThrow(/from 1 to 20/);
    }
    held.release();
    expect(await handle.result()).toMatchObject({ windows: 10, rows: 20 });
  });

  it('ends after its windows when cancelled, and keeps what they wrote', async () => {
    const { client } = servers.temporal;
    const world = await tenDayWorld();
    const { handle } = await startBackfill(client, tenDays(world.account, { parallel: 2 }));
    const held = holdAnswers(world, {
      times: 2,
      when: ({ query }) => query['start_after_transaction_id'] !== undefined,
    });
    await held.waitFor(2);

    expect(await cancelBackfill(client, handle.workflowId)).toMatchObject({ state: 'cancelling' });
    const result = await handle.result();

    expect(result).toMatchObject({ state: 'cancelled', windows: 0, rows: 2, calls: 2 });
    for (const day of ['2024-05-01', '2024-05-02']) {
      expect((await windowHandle(handle.workflowId, day).describe()).status.name).toBe('CANCELLED');
    }
    expect(await describeBackfill(client, handle.workflowId)).toMatchObject({
      state: 'cancelled',
      result: { rows: 2 },
    });
    await expect(cancelBackfill(client, handle.workflowId)).rejects.toThrow(/no backfill with this id is running/);
    held.release();
  });

  it('ends as cancelled after its windows when Temporal cancels it', async () => {
    const { client } = servers.temporal;
    const world = await tenDayWorld();
    const held = holdAnswers(world, { times: 2 });
    const { handle } = await startBackfill(client, tenDays(world.account, { parallel: 2 }));
    await held.waitFor(2);

    await handle.cancel();
    await expect(handle.result()).rejects.toThrow();

    expect(await describeBackfill(client, handle.workflowId)).toMatchObject({ state: 'cancelled', result: null });
    expect((await windowHandle(handle.workflowId, '2024-05-02').describe()).status.name).toBe('CANCELLED');
    held.release();
  });

  it('is attached to with its own options when started again', async () => {
    const { client } = servers.temporal;
    const world = await tenDayWorld();
    const held = holdAnswers(world, { times: 2 });
    const first = await startBackfill(client, tenDays(world.account, { parallel: 2 }));
    await held.waitFor(2);

    const second = await startBackfill(client, tenDays(world.account, { parallel: 9, newestFirst: true }));

    expect(first.attached).toBe(false);
    expect(second).toMatchObject({ attached: true, options: { parallel: 2, newestFirst: false } });
    expect(second.handle.workflowId).toBe(backfillWorkflowId(tenDays(world.account)));
    await expect
      .poll(() => listBackfills(client, world.account))
      .toMatchObject([{ state: 'running', options: { parallel: 2 }, progress: { windows: { running: 2, left: 8 } } }]);
    const running = async () => (await runningBackfills(client)).map(({ workflowId }) => workflowId);
    expect(await running()).toContain(second.handle.workflowId);
    held.release();
    await second.handle.result();
    await expect.poll(running).not.toContain(second.handle.workflowId);
    await expect
      .poll(() => listBackfills(client, world.account))
      .toMatchObject([{ state: 'completed', result: { windows: 10 } }]);
  });

  it('shows which window waits, and why', async () => {
    const world = await tenDayWorld();
    world.invoca.plan({ answer: answerWith({ status: 429, headers: { 'retry-after': '600' } }) });

    const { handle } = await startBackfill(servers.temporal.client, tenDays(world.account, { parallel: 1 }));
    const { running } = await backfillWhere(handle, (progress) => progress.running.some(({ waiting }) => waiting));

    expect(running).toMatchObject([
      { from: '2024-05-01', waiting: { reason: expect.stringContaining('429') as string } },
    ]);
    await cancelBackfill(servers.temporal.client, handle.workflowId);
    expect(await handle.result()).toMatchObject({ state: 'cancelled', rows: 0 });
  });
});

function windowHandle(parentId: string, day: string): WorkflowHandle {
  return servers.temporal.client.workflow.getHandle(windowWorkflowId({ parentId, window: { from: day, to: day } }));
}

async function signalsTo(window: WorkflowHandle): Promise<number> {
  const { events } = await window.fetchHistory();
  return (events ?? []).filter((event) => event.workflowExecutionSignaledEventAttributes != null).length;
}

async function pagesOf(window: WorkflowHandle): Promise<number | undefined> {
  return (await progressOf(window, drainProgressQuery))?.pages;
}
