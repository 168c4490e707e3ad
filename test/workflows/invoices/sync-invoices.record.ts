import { describe, it } from 'vitest';
import { answerWith } from '../../../src/sample/faults.js';
import type { syncInvoices } from '../../../src/workflows/invoices/sync-invoices.js';
import {
  accountWorkflowId,
  searchAttributesOf,
  SYNC_INVOICES,
  WORKFLOW_TASK_QUEUE,
} from '../../../src/workflows/ids.js';
import { moreInvoicesSignal } from '../../../src/workflows/invoices/invoices-progress.js';
import { aCompletedCall } from '../../support/fake-credira.js';
import { startInvoiceWorld } from '../../support/invoice-world.js';
import { useTestNamespace } from '../../support/temporal-namespace.js';
import { useTestDatabase } from '../../support/test-database.js';
import { recordHistory } from '../histories.js';

const servers = { temporal: useTestNamespace(), mongodb: useTestDatabase() };

describe('recording histories of syncInvoices', () => {
  it('with invoices, details, a long wait, a signal, and a hand-over to the next run', async () => {
    const ids = Array.from({ length: 6 }, (_unused, index) => String(index));
    const world = await startInvoiceWorld({
      servers,
      account: 'recorded-invoices',
      invoices: ids.map((id) => ({ invoiceId: `inv_${id}`, calls: [aCompletedCall(`call_${id}`)] })),
    });
    await world.track([...ids.map((id) => `inv_${id}`), 'inv_unknown']);
    world.credira.plan({ answer: answerWith({ status: 429, headers: { 'retry-after': '31' } }) });
    const { client } = servers.temporal;

    const handle = await client.workflow.start<typeof syncInvoices>('syncInvoices', {
      args: [{ account: world.account, maxInvoicesPerRun: 8 }],
      workflowId: accountWorkflowId(SYNC_INVOICES, world.account),
      taskQueue: WORKFLOW_TASK_QUEUE,
      typedSearchAttributes: searchAttributesOf({ account: world.account, mode: 'invoices' }),
    });
    await handle.signal(moreInvoicesSignal, new Date().toISOString());
    await handle.result();

    const first = client.workflow.getHandle(handle.workflowId, handle.firstExecutionRunId);
    await recordHistory({ name: 'invoices-hands-over', handle: first });
    await recordHistory({ name: 'invoices-finishes', handle: client.workflow.getHandle(handle.workflowId) });
  });
});
