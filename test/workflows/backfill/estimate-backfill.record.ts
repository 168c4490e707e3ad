import { describe, it } from 'vitest';
import { answerWith } from '../../../src/sample/faults.js';
import { startEstimate } from '../../../src/temporal/runs/backfills.js';
import { startDrainWorld } from '../../support/drain-world.js';
import { minimalRows } from '../../support/fake-invoca.js';
import { useTestNamespace } from '../../support/temporal-namespace.js';
import { useTestDatabase } from '../../support/test-database.js';
import { recordHistory } from '../histories.js';

const servers = { temporal: useTestNamespace(), mongodb: useTestDatabase() };

describe('recording a history of estimateBackfill', () => {
  it('with several days, a smaller page and a long wait', async () => {
    const world = await startDrainWorld({
      servers,
      invoca: { rows: minimalRows(150) },
      feed: { name: 'recorded-estimate', pageLimit: 200 },
    });
    world.invoca.plan({ answer: answerWith({ status: 504 }) });
    world.invoca.plan({ answer: answerWith({ status: 429, headers: { 'retry-after': '31' } }) });
    const days = { from: '2025-06-01', to: '2025-06-03' };

    const handle = await startEstimate(servers.temporal.client, {
      account: world.account,
      days,
      probed: ['2025-06-01', '2025-06-02', '2025-06-03'],
    });
    await handle.result();

    await recordHistory({ name: 'estimate-backfill', handle });
  });
});
