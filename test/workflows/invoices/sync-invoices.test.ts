import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import type { CrediraSampleInvoice } from '../../../src/sample/credira/credira-invoice.js';
import { answerWith } from '../../../src/sample/faults.js';
import { progressOf } from '../../../src/temporal/runs/run-state.js';
import type { InvoicesHandle } from '../../../src/temporal/runs/invoice-workflows.js';
import { accountWorkflowId, SYNC_INVOICES, WORKFLOW_TASK_QUEUE } from '../../../src/workflows/ids.js';
import { invoicesProgressQuery, type InvoicesProgress } from '../../../src/workflows/invoices/invoices-progress.js';
import { aCompletedCall } from '../../support/fake-credira.js';
import { startInvoiceWorld, type InvoiceWorld } from '../../support/invoice-world.js';
import { useTestNamespace } from '../../support/temporal-namespace.js';
import { useTestDatabase } from '../../support/test-database.js';

const servers = { temporal: useTestNamespace(), mongodb: useTestDatabase() };
const UNFINISHED = { status: 'initiated', from: '+17755550110', created_time: new Date().toISOString() };

/** Creates invoices with one completed call each. */
function completedInvoices(count: number): CrediraSampleInvoice[] {
  return Array.from({ length: count }, (_unused, index) => ({
    invoiceId: `inv_${index}`,
    calls: [aCompletedCall(`call_${index}`)],
  }));
}

async function invoiceOf({ account }: InvoiceWorld, id: string) {
  for await (const invoice of servers.mongodb.store.invoices.list({ account })) {
    if (invoice.invoiceId === id) return invoice;
  }
  throw new Error(`${id} is not tracked`);
}

function callOf({ account }: InvoiceWorld, id: string) {
  return servers.mongodb.store.calls.findOfAnySource({ account, id });
}

function fault(code: string, status: number) {
  const body = JSON.stringify({ success: false, error: { code, message: 'no' }, meta: { request_id: 'req_1' } });
  return answerWith({ status, body, headers: { 'content-type': 'application/json', 'retry-after': '600' } });
}

async function untilWaiting(handle: InvoicesHandle): Promise<InvoicesProgress> {
  for (;;) {
    const progress = await progressOf(handle, invoicesProgressQuery);
    if (progress?.waiting != null) return progress;
    await sleep(50);
  }
}

describe('syncInvoices', () => {
  it('stores the calls of every due invoice, asks once for the details of completed ones, and returns the counts', async () => {
    const world = await startInvoiceWorld({
      servers,
      invoices: [
        { invoiceId: 'inv_done', calls: [aCompletedCall('call_done')] },
        { invoiceId: 'inv_open', calls: [{ callId: 'call_open', stages: [{ fields: UNFINISHED }] }] },
        { invoiceId: 'inv_none', calls: [], statedTotal: () => 1 },
      ],
    });
    await world.track(['inv_done', 'inv_open', 'inv_none', 'inv_nobody_knows']);

    const result = await (await world.startInvoices()).result();

    expect(result).toEqual({
      account: world.account,
      invoices: 4,
      calls: expect.any(Number) as number,
      rejects: 0,
      unknown: 1,
      refused: 0,
      incomplete: 0,
    });
    expect(await callOf(world, 'call_done')).toMatchObject({
      source: 'credira',
      result: 'completed',
      startedAt: new Date('2024-01-15T10:30:05Z'),
      fromKey: '7755550110',
      credira: { invoice_id: 'inv_done', tags: ['promise'] },
      transcript: { status: 'pending' },
    });
    expect(await callOf(world, 'call_open')).toMatchObject({ result: 'initiated', detailsAskedAt: null });
    expect(await invoiceOf(world, 'inv_none')).toMatchObject({ outcome: 'known', calls: 0 });

    const done = await invoiceOf(world, 'inv_done');
    const open = await invoiceOf(world, 'inv_open');
    const unknown = await invoiceOf(world, 'inv_nobody_knows');
    expect(open).toMatchObject({ outcome: 'known', calls: 1, unfinished: 1 });
    expect(unknown).toMatchObject({ outcome: 'unknown', calls: 0 });
    const pauses = [open, done, unknown].map(
      ({ nextDueAt, lastSyncAt }) => nextDueAt.getTime() - (lastSyncAt?.getTime() ?? 0),
    );
    expect(pauses[0]).toBeLessThan(120_000);
    expect(pauses[1]).toBeGreaterThan(24 * 3_600_000);
    expect(pauses[2]).toBeGreaterThan(12 * 3_600_000);

    for (const incomplete of [0, 1]) {
      await servers.mongodb.store.invoices.makeAllDue(world.account);
      const again = { invoices: 4, calls: 0, unknown: 1, incomplete };
      expect(await (await world.startInvoices()).result()).toMatchObject(again);
    }
    expect(world.credira.requestsByInvoice.get('inv_done')).toBe(3);
    expect(world.credira.requestsByCall.get('call_done')).toMatchObject({ call: 1 });
  });

  it('leaves its completed calls due for their transcripts, as other sources do', async () => {
    const world = await startInvoiceWorld({
      servers,
      invoices: [
        {
          invoiceId: 'inv_1',
          calls: [
            aCompletedCall('call_ready'),
            aCompletedCall('call_elsewhere', { transcript: { fate: 'foreign-host' } }),
            { callId: 'call_open', stages: [{ fields: UNFINISHED }] },
          ],
        },
      ],
    });
    await world.track(['inv_1']);
    await (await world.startInvoices()).result();
    await servers.mongodb.db
      .collection('calls')
      .updateOne(
        { callId: 'call_open', account: world.account },
        { $set: { 'transcript.nextAttemptAt': new Date(1_000) } },
      );

    await (await world.startTranscripts()).result();

    expect((await callOf(world, 'call_ready'))?.transcript).toMatchObject({ status: 'available', attempts: 1 });
    expect((await callOf(world, 'call_elsewhere'))?.transcript).toMatchObject({ status: 'forbidden' });
    expect((await callOf(world, 'call_open'))?.transcript).toMatchObject({
      status: 'pending',
      attempts: 0,
      reason: 'not-ended: the call is not completed',
    });
  });

  it('continues as new, and also asks about invoices named by a signal', async () => {
    const world = await startInvoiceWorld({ servers, invoices: completedInvoices(130) });
    await world.track(completedInvoices(130).map(({ invoiceId }) => invoiceId));
    const handle = await servers.temporal.client.workflow.start('syncInvoices', {
      args: [{ account: world.account, maxInvoicesPerRun: 1 }],
      workflowId: accountWorkflowId(SYNC_INVOICES, world.account),
      taskQueue: WORKFLOW_TASK_QUEUE,
    });
    await world.track(['inv_late']);
    await world.startInvoices();

    expect(await handle.result()).toMatchObject({ invoices: 131, unknown: 1 });
    expect(await servers.mongodb.store.calls.summary(world.account)).toMatchObject({ calls: 130 });
    expect(new Set(world.credira.requestsByInvoice.values())).toEqual(new Set([1]));
  });

  it('marks an invoice whose id the source does not accept, and continues with the others', async () => {
    const world = await startInvoiceWorld({ servers, invoices: completedInvoices(2) });
    await world.track(['inv_0', 'inv_1']);
    world.credira.plan({ when: ({ query }) => query['invoice_id'] === 'inv_0', answer: fault('INVALID_REQUEST', 200) });

    expect(await (await world.startInvoices()).result()).toMatchObject({ invoices: 2, refused: 1 });

    const refused = await invoiceOf(world, 'inv_0');
    expect(refused).toMatchObject({ outcome: 'refused', reason: expect.stringContaining('req_1') as string });
  });

  it('fails at once if the key is refused, and leaves all invoices due', async () => {
    const world = await startInvoiceWorld({ servers, invoices: completedInvoices(3) });
    await world.track(['inv_0', 'inv_1', 'inv_2']);
    world.credira.plan({ times: 3, answer: fault('UNAUTHORIZED', 200) });

    const handle = await world.startInvoices();

    await expect(handle.result()).rejects.toMatchObject({
      cause: { cause: { message: expect.stringContaining('Check the API key') as string } },
    });
    expect(await servers.mongodb.store.invoices.summary(world.account)).toMatchObject({ dueNow: 3 });
  });

  it('waits visibly while the account is on hold, and keeps no lease meanwhile', async () => {
    const world = await startInvoiceWorld({ servers, invoices: completedInvoices(1) });
    await world.track(['inv_0']);
    world.credira.plan({ answer: fault('RATE_LIMITED', 200) });

    const handle = await world.startInvoices();
    const { waiting } = await untilWaiting(handle);

    expect(waiting?.reason).toContain('429');
    expect(await servers.mongodb.store.invoices.summary(world.account)).toMatchObject({ dueNow: 1 });
    expect(world.credira.requests).toHaveLength(1);
    await handle.terminate('the test has seen it wait');
  });
});
