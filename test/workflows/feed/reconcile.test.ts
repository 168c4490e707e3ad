import { describe, expect, it } from 'vitest';
import { addDays } from '../../../src/domain/days/days.js';
import { dayOf } from '../../../src/domain/days/zoned-days.js';
import { failureMessage } from '../../../src/temporal/runs/run-state.js';
import {
  accountWorkflowId,
  liveStream,
  RECONCILE,
  searchAttributesOf,
  WORKFLOW_TASK_QUEUE,
} from '../../../src/workflows/ids.js';
import type { reconcile, ReconcileInput } from '../../../src/workflows/feed/reconcile.js';
import { startDrainWorld, type DrainWorld } from '../../support/drain-world.js';
import { useTestNamespace } from '../../support/temporal-namespace.js';
import { useTestDatabase } from '../../support/test-database.js';

const servers = { temporal: useTestNamespace(), mongodb: useTestDatabase() };
const timeZone = 'Asia/Kathmandu';

/** Returns one call at noon (UTC) of each of the last eight days, beginning with today. */
const rows = Array.from({ length: 8 }, (_unused, index) => ({
  transaction_id: `${String(9_000 + index)}-0000`,
  complete_call_id: `CALL-${index}`,
  transaction_type: 'Call',
  start_time_utc: Date.parse(`${addDays(new Date().toISOString().slice(0, 10), -index)}T12:00:00Z`),
  duration: 60,
}));

function reconciledWorld(changes: { timeZone: string | null } = { timeZone }): Promise<DrainWorld> {
  return startDrainWorld({ servers, invoca: { rows, timeZone }, feed: { pageLimit: 1, ...changes } });
}

function startReconcile(input: ReconcileInput) {
  const { account } = input;
  return servers.temporal.client.workflow.start<typeof reconcile>('reconcile', {
    args: [input],
    workflowId: `${accountWorkflowId(RECONCILE, account)}-2024-05-01T03:17:00Z`,
    taskQueue: WORKFLOW_TASK_QUEUE,
    typedSearchAttributes: searchAttributesOf({ account, mode: 'reconcile' }),
  });
}

describe('reconcile', { timeout: 60_000 }, () => {
  it('reads the last days that have ended in the zone of the token, and does not touch the live cursor', async () => {
    const world = await reconciledWorld();
    const { checkpoints, coverage } = servers.mongodb.store;
    await (await world.startDrain()).result();
    const live = await checkpoints.read(liveStream(world.account));

    const result = await (await startReconcile({ account: world.account, days: 3 })).result();

    const yesterday = addDays(dayOf(new Date(), timeZone), -1);
    const days = { from: addDays(yesterday, -2), to: yesterday };
    expect(result).toMatchObject({ ...days, rows: 3, calls: 0, ended: 'caught-up' });
    expect(await checkpoints.read(liveStream(world.account))).toEqual(live);
    const [reconciled] = (await checkpoints.list(world.account)).filter((checkpoint) => checkpoint.window !== null);
    expect(reconciled?.stream).toMatch(new RegExp(`^reconcile/${world.account}/${days.from}\\.\\.${days.to}#`));
    expect(await coverage.completeDays({ account: world.account, days, timeZone })).toHaveLength(3);
  });

  it('finds what changed without a correction', async () => {
    const world = await reconciledWorld();
    await (await startReconcile({ account: world.account, days: 7 })).result();
    const changed = rows.map((row) => ({ ...row, call_result_description_detail: 'Paid' }));
    world.invoca.plan({
      when: ({ query }) => query['start_after_transaction_id'] === undefined,
      answer: ({ response }) => response.writeHead(200).end(JSON.stringify(changed.slice(1, 2))),
    });

    const result = await (await startReconcile({ account: world.account, days: 2 })).result();

    expect(result.calls).toBe(1);
    expect(await servers.mongodb.store.calls.find({ account: world.account, id: 'CALL-1' })).toMatchObject({
      result: 'Paid',
    });
  });

  it('gives the same result when it continues as new after every page', async () => {
    const world = await reconciledWorld();

    const handle = await startReconcile({ account: world.account, days: 5, maxPagesPerRun: 1 });

    expect(await handle.result()).toMatchObject({ rows: 5, pages: 5, calls: 5 });
    const streams = await servers.mongodb.store.checkpoints.list(world.account);
    expect(streams.map(({ stream }) => stream.split('#')[1])).toEqual([handle.firstExecutionRunId]);
  });

  it('fails without a time zone, and names the missing setting', async () => {
    const world = await reconciledWorld({ timeZone: null });

    const handle = await startReconcile({ account: world.account, days: 3 });
    const error: unknown = await handle.result().catch((reason: unknown) => reason);

    expect(failureMessage(error)).toContain('INVOCA_TIME_ZONE');
    expect(world.invoca.requests).toHaveLength(0);
  });
});
