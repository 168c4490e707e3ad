import { describe, expect, it } from 'vitest';
import { answerWith } from '../../../src/sample/faults.js';
import { startRemerge, startVerify } from '../../../src/temporal/runs/repairs.js';
import { startDrainWorld } from '../../support/drain-world.js';
import { minimalRows } from '../../support/fake-invoca.js';
import { useTestNamespace } from '../../support/temporal-namespace.js';
import { useTestDatabase } from '../../support/test-database.js';
import { recordHistory } from '../histories.js';

const servers = { temporal: useTestNamespace(), mongodb: useTestDatabase() };
const days = { from: '2025-06-02', to: '2025-06-03' };

describe('recording histories of verify and remerge', () => {
  it('with several pages, a smaller page, a long wait, a repair, a call that is gone, and a hand-over to the next run', async () => {
    const world = await startDrainWorld({
      servers,
      invoca: { rows: minimalRows(300) },
      feed: { name: 'recorded-verification', pageLimit: 200, timeZone: 'America/Los_Angeles' },
    });
    const gone = { _id: 'recorded-verification:GONE', account: world.account, callId: 'GONE', revision: 1 };
    const startedAt = new Date('2025-06-02T18:00:00Z');
    await servers.mongodb.db.collection<{ _id: string; startedAt: Date }>('calls').insertOne({ ...gone, startedAt });
    world.invoca.plan({ answer: answerWith({ status: 504 }) });
    world.invoca.plan({ answer: answerWith({ status: 429, headers: { 'retry-after': '31' } }) });
    const { client } = servers.temporal;

    const input = { account: world.account, ...days, repair: true, maxPagesPerRun: 4 };
    const { handle } = await startVerify(client, input);
    const { firstExecutionRunId } = await client.workflow.getHandle(handle.workflowId).describe().then(firstRunOf);
    await expect(handle.result()).resolves.toMatchObject({ missing: 300, repaired: 300, gone: 1 });

    const first = client.workflow.getHandle(handle.workflowId, firstExecutionRunId);
    await recordHistory({ name: 'verify-hands-over', handle: first });
    await recordHistory({ name: 'verify-finishes', handle: client.workflow.getHandle(handle.workflowId) });
  });

  it('with several batches and a hand-over to the next run', async () => {
    const world = await startDrainWorld({
      servers,
      invoca: { rows: minimalRows(2_100) },
      feed: { name: 'recorded-remerge', pageLimit: 4_000 },
    });
    await (await world.startDrain()).result();
    const { client } = servers.temporal;

    const { handle } = await startRemerge(client, { account: world.account, window: null, maxBatchesPerRun: 1 });
    await expect(handle.result()).resolves.toMatchObject({ calls: 2_100, changed: 0 });

    await recordHistory({ name: 'remerge-finishes', handle: client.workflow.getHandle(handle.workflowId) });
  });
});

function firstRunOf({ runId }: { runId: string }): { firstExecutionRunId: string } {
  return { firstExecutionRunId: runId };
}
