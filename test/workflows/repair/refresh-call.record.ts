import { describe, expect, it } from 'vitest';
import { answerWith } from '../../../src/sample/faults.js';
import { startRefresh } from '../../../src/temporal/runs/repairs.js';
import { startDrainWorld } from '../../support/drain-world.js';
import { aCompletedCall } from '../../support/fake-credira.js';
import { minimalRows } from '../../support/fake-invoca.js';
import { startInvoiceWorld } from '../../support/invoice-world.js';
import { useTestNamespace } from '../../support/temporal-namespace.js';
import { useTestDatabase } from '../../support/test-database.js';
import { recordHistory } from '../histories.js';

const servers = { temporal: useTestNamespace(), mongodb: useTestDatabase() };

describe('recording histories of refreshCall', () => {
  it('with a transaction id, a long wait, a smaller page and a full one', async () => {
    const rows = minimalRows(150).map((row) => ({ ...row, complete_call_id: 'CALL-0' }));
    const world = await startDrainWorld({
      servers,
      invoca: { rows },
      feed: { name: 'recorded-refresh', pageLimit: 200 },
    });
    world.invoca.plan({ answer: answerWith({ status: 504 }) });
    world.invoca.plan({
      when: ({ query }) => query['transaction_id'] !== undefined,
      answer: answerWith({ status: 429, headers: { 'retry-after': '31' } }),
    });
    const { client } = servers.temporal;

    const input = { account: world.account, source: 'invoca', id: '9999-0000', idOf: 'either' } as const;
    const { handle } = await startRefresh(client, input);
    await expect(handle.result()).resolves.toMatchObject({ callId: 'CALL-0', rows: 150 });

    await recordHistory({ name: 'refresh-finds-the-call', handle });
  });

  it('with a Credira call', async () => {
    const invoices = [{ invoiceId: 'inv_1', calls: [aCompletedCall('call_1')] }];
    const world = await startInvoiceWorld({ servers, invoices, account: 'recorded-refresh-credira' });

    const input = { account: world.account, source: 'credira', id: 'call_1', idOf: 'either' } as const;
    const { handle } = await startRefresh(servers.temporal.client, input);
    await expect(handle.result()).resolves.toMatchObject({ callId: 'call_1' });

    await recordHistory({ name: 'refresh-of-credira', handle });
  });
});
