import { describe, expect, it } from 'vitest';
import { answerWith } from '../../../src/sample/faults.js';
import {
  pauseBackfill,
  resumeBackfill,
  cancelBackfill,
  setBackfillParallel,
} from '../../../src/temporal/runs/backfills.js';
import {
  accountWorkflowId,
  backfillWorkflowId,
  RECONCILE,
  searchAttributesOf,
  windowWorkflowId,
  WORKFLOW_TASK_QUEUE,
} from '../../../src/workflows/ids.js';
import type { backfill, BackfillInput } from '../../../src/workflows/backfill/backfill.js';
import type { reconcile } from '../../../src/workflows/feed/reconcile.js';
import { holdAnswers, tenDays, tenDaysOfRows } from '../../support/backfills.js';
import { startDrainWorld, type DrainWorld } from '../../support/drain-world.js';
import { useTestNamespace } from '../../support/temporal-namespace.js';
import { useTestDatabase } from '../../support/test-database.js';
import { recordHistory } from '../histories.js';

const servers = { temporal: useTestNamespace(), mongodb: useTestDatabase() };

function tenDayWorld(name: string): Promise<DrainWorld> {
  const invoca = { rows: tenDaysOfRows(2), timeZone: 'UTC' };
  return startDrainWorld({ servers, invoca, feed: { name, timeZone: 'UTC', pageLimit: 1 } });
}

function start(input: BackfillInput) {
  const { maxWindowsPerRun: _, maxPagesPerRun: __, ...options } = input;
  return servers.temporal.client.workflow.start<typeof backfill>('backfill', {
    args: [input],
    workflowId: backfillWorkflowId(input),
    taskQueue: WORKFLOW_TASK_QUEUE,
    typedSearchAttributes: searchAttributesOf({ account: input.account, mode: 'backfill' }),
    memo: { options },
  });
}

describe('recording histories of backfills', () => {
  it('with skipped days, steering, a long wait, and hand-overs to the next run', async () => {
    const { client } = servers.temporal;
    const world = await tenDayWorld('recorded-backfill');
    const options = tenDays(world.account, { reprocess: 'missing', parallel: 2 });
    await (await start({ ...options, to: '2024-05-02' })).result();
    const held = holdAnswers(world, { times: 2 });

    const handle = await start({ ...options, maxWindowsPerRun: 4, maxPagesPerRun: 1 });
    await held.waitFor(2);
    await pauseBackfill(client, handle.workflowId);
    await setBackfillParallel(client, handle.workflowId, 3);
    await resumeBackfill(client, handle.workflowId);
    world.invoca.plan({ answer: answerWith({ status: 429, headers: { 'retry-after': '31' } }) });
    held.release();
    await handle.result();

    const first = client.workflow.getHandle(handle.workflowId, handle.firstExecutionRunId);
    await recordHistory({ name: 'backfill-hands-over', handle: first });
    await recordHistory({ name: 'backfill-completes', handle: client.workflow.getHandle(handle.workflowId) });
    const window = { from: '2024-05-03', to: '2024-05-03' };
    const child = client.workflow.getHandle(windowWorkflowId({ parentId: handle.workflowId, window }));
    await recordHistory({ name: 'drain-window-catches-up', handle: child });
  });

  it('with a cancellation', async () => {
    const { client } = servers.temporal;
    const world = await tenDayWorld('recorded-cancellation');
    const held = holdAnswers(world, {
      times: 2,
      when: ({ query }) => query['start_after_transaction_id'] !== undefined,
    });
    const handle = await start(tenDays(world.account, { parallel: 2 }));
    await held.waitFor(2);

    await cancelBackfill(client, handle.workflowId);
    await handle.result();

    await recordHistory({ name: 'backfill-is-cancelled', handle });
    const window = { from: '2024-05-01', to: '2024-05-01' };
    const child = client.workflow.getHandle(windowWorkflowId({ parentId: handle.workflowId, window }));
    await recordHistory({ name: 'drain-window-is-cancelled', handle: child });
  });

  it('with a refusal', async () => {
    const world = await tenDayWorld('recorded-refused-backfill');
    world.invoca.plan({ when: ({ query }) => query['from'] === '2024-05-02', answer: answerWith({ status: 401 }) });

    const handle = await start(tenDays(world.account, { parallel: 1 }));
    await expect(handle.result()).rejects.toThrow();

    await recordHistory({ name: 'backfill-is-refused', handle });
  });

  it('with a nightly reconcile', async () => {
    const world = await tenDayWorld('recorded-sweep');

    const handle = await servers.temporal.client.workflow.start<typeof reconcile>('reconcile', {
      args: [{ account: world.account, days: 3 }],
      workflowId: accountWorkflowId(RECONCILE, world.account),
      taskQueue: WORKFLOW_TASK_QUEUE,
      typedSearchAttributes: searchAttributesOf({ account: world.account, mode: 'reconcile' }),
    });
    await handle.result();

    await recordHistory({ name: 'reconcile-catches-up', handle });
  });
});
