import { describe, expect, it } from 'vitest';
import { answerWith } from '../../../src/sample/faults.js';
import type { drain } from '../../../src/workflows/feed/drain.js';
import { accountWorkflowId, DRAIN, searchAttributesOf, WORKFLOW_TASK_QUEUE } from '../../../src/workflows/ids.js';
import { startDrainWorld, type DrainWorld } from '../../support/drain-world.js';
import { minimalRows } from '../../support/fake-invoca.js';
import { useTestNamespace } from '../../support/temporal-namespace.js';
import { useTestDatabase } from '../../support/test-database.js';
import { recordHistory } from '../histories.js';

const servers = { temporal: useTestNamespace(), mongodb: useTestDatabase() };

function startShortRuns(world: DrainWorld) {
  return servers.temporal.client.workflow.start<typeof drain>('drain', {
    args: [{ account: world.account, maxPagesPerRun: 2 }],
    workflowId: accountWorkflowId(DRAIN, world.account),
    taskQueue: WORKFLOW_TASK_QUEUE,
    typedSearchAttributes: searchAttributesOf({ account: world.account, mode: 'live' }),
    staticSummary: `Live drain: ${world.account}`,
  });
}

describe('recording histories of drain', () => {
  it('with several pages, a smaller page, a long wait, and a hand-over to the next run', async () => {
    const world = await startDrainWorld({
      servers,
      invoca: { rows: minimalRows(300) },
      feed: { name: 'recorded-pages', pageLimit: 200 },
    });
    world.invoca.plan({ answer: answerWith({ status: 504 }) });
    world.invoca.plan({ answer: answerWith({ status: 429, headers: { 'retry-after': '31' } }) });

    const handle = await startShortRuns(world);
    await handle.result();

    const first = servers.temporal.client.workflow.getHandle(handle.workflowId, handle.firstExecutionRunId);
    await recordHistory({ name: 'drain-hands-over', handle: first });
    const last = servers.temporal.client.workflow.getHandle(handle.workflowId);
    await recordHistory({ name: 'drain-catches-up', handle: last });
  });

  it('with a refusal', async () => {
    const world = await startDrainWorld({
      servers,
      invoca: { rows: minimalRows(1) },
      feed: { name: 'recorded-refusal' },
    });
    world.invoca.plan({ answer: answerWith({ status: 401 }) });

    const handle = await startShortRuns(world);
    await expect(handle.result()).rejects.toThrow();

    await recordHistory({ name: 'drain-is-refused', handle });
  });

  it('with a probe of the cursor', async () => {
    const world = await startDrainWorld({
      servers,
      invoca: { rows: minimalRows(1) },
      feed: { name: 'recorded-probe', startAfter: '9999-0000' },
    });

    const handle = await startShortRuns(world);
    await handle.result();

    await recordHistory({ name: 'drain-probes-cursor', handle });
  });

  it('with a search for the start of a day', async () => {
    const world = await startDrainWorld({
      servers,
      invoca: { rows: minimalRows(2) },
      feed: { name: 'recorded-day', startDate: '2025-06-05', timeZone: 'America/Los_Angeles' },
    });

    const handle = await startShortRuns(world);
    await handle.result();

    await recordHistory({ name: 'drain-starts-at-a-day', handle });
  });
});
