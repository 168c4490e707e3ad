import { describe, expect, it } from 'vitest';
import { answerWith } from '../../../src/sample/faults.js';
import { nudgesWorkflowId } from '../../../src/workflows/ids.js';
import { startDrainWorld } from '../../support/drain-world.js';
import { minimalRows } from '../../support/fake-invoca.js';
import { runsOf } from '../../support/runs.js';
import { useTestNamespace } from '../../support/temporal-namespace.js';
import { useTestDatabase } from '../../support/test-database.js';
import { recordHistory } from '../histories.js';
import { nudge } from './nudge-world.js';

const servers = { temporal: useTestNamespace(), mongodb: useTestDatabase() };
const timing = { collectMs: 100, longestCollectMs: 500, joinMs: 100, lookAgainAfterMs: [1_000, 2_000] };

describe('recording histories of nudges', () => {
  it('with a call, transactions, a long wait, a smaller page, a refusal, and what is never shown', async () => {
    const world = await startDrainWorld({
      servers,
      invoca: { rows: minimalRows(4) },
      feed: { name: 'recorded-nudges', pageLimit: 200 },
    });
    const { account, invoca } = world;
    invoca.plan({ answer: answerWith({ status: 504 }) });
    invoca.plan({ answer: answerWith({ status: 429, headers: { 'retry-after': '31' } }) });
    invoca.plan({
      when: ({ query }) => query['call_record_id'] === 'CALL-1',
      answer: answerWith({ status: 403 }),
    });

    const named = { callIds: ['CALL-0', 'CALL-1', 'NONE'], transactionIds: ['9997-0000', '9996-0000', 'LIE'] };
    const handle = await nudge(servers.temporal, { account, timing }, named);
    await expect(handle.result()).resolves.toMatchObject({ received: 6, read: 3, failed: 1, notShown: 2 });

    await recordHistory({ name: 'nudges-finishes', handle });
  });

  it('that hands over', async () => {
    const world = await startDrainWorld({
      servers,
      invoca: { rows: minimalRows(4) },
      feed: { name: 'recorded-nudges-long' },
    });
    const { account } = world;
    const { client } = servers.temporal;
    const input = { account, timing, maxSignalsPerRun: 2 };

    const first = await nudge(servers.temporal, input, { callIds: ['CALL-0', 'NONE'] });
    const { runId } = await first.describe();
    await expect.poll(() => servers.mongodb.store.nudges.read(account), { timeout: 30_000 }).toMatchObject({ read: 1 });
    await nudge(servers.temporal, input, { callIds: ['CALL-1'] });
    await client.workflow.getHandle(nudgesWorkflowId(account)).result();
    expect(await runsOf(client, nudgesWorkflowId(account))).toBe(2);

    await recordHistory({
      name: 'nudges-hands-over',
      handle: client.workflow.getHandle(nudgesWorkflowId(account), runId),
    });
  });
});
