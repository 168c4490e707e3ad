import { randomUUID } from 'node:crypto';
import { MockActivityEnvironment } from '@temporalio/testing';
import { DefaultLogger } from '@temporalio/worker';
import { describe, expect, it } from 'vitest';
import { claimInvoices } from '../../../src/activities/invoices/claim-invoices.js';
import { type SyncInvoiceResult, syncInvoice } from '../../../src/activities/invoices/sync-invoice.js';
import { answerWith } from '../../../src/sample/faults.js';
import { aCompletedCall, crediraClientOf, startCredira } from '../../support/fake-credira.js';
import { fixedRates } from '../../support/request-rates.js';
import { useTestDatabase } from '../../support/test-database.js';

const mongodb = useTestDatabase();
const POLL_INTERVAL_MS = 60_000;
const QUIET = new DefaultLogger('ERROR');
const transcripts = { enabled: true, maxAgeMs: null, delaysMs: [1_000], deadlineMs: 2_000 };

/** Claims a due invoice, and returns a function that runs attempts to ask for its calls. */
async function aScene() {
  const account = `a-${randomUUID().slice(0, 8)}`;
  const credira = await startCredira({ invoices: [{ invoiceId: 'inv_1', calls: [aCompletedCall('call_1')] }] });
  const invoices = new Map([
    [account, { name: account, client: crediraClientOf(credira), pollIntervalMs: POLL_INTERVAL_MS, transcripts }],
  ]);
  const { store } = mongodb;
  const now = (): Date => new Date();
  const deps = { store, rates: fixedRates, feeds: new Map(), invoices, transcripts: new Map(), now };
  await store.invoices.track({ account, invoiceIds: ['inv_1'], now });
  const claim = await claimInvoices(deps, { account, dueBy: new Date().toISOString() });
  if (claim.outcome !== 'claimed') throw new Error('the invoice is due');
  const input = { account, invoiceId: 'inv_1', lease: claim.lease, precedingWaits: 0 };
  const run = async (attempt: number): Promise<SyncInvoiceResult> => {
    const environment = new MockActivityEnvironment({ attempt }, { logger: QUIET });
    const result: unknown = await environment.run(() => syncInvoice(deps, input));
    return result as SyncInvoiceResult;
  };
  return { account, credira, run };
}

describe('syncInvoice', () => {
  it('writes a list that breaks off three times as far as it goes, and asks for it again at the next poll', async () => {
    const { account, credira, run } = await aScene();
    const body =
      '{"success":true,"data":[{"id":"call_1","status":"completed","start_time":"2025-06-02T11:00:00Z"},{"id":"call_2","from":"+1775';
    credira.plan({ times: 3, answer: answerWith({ status: 200, body }) });

    for (const attempt of [1, 2]) await expect(run(attempt)).rejects.toMatchObject({ type: 'Unavailable' });
    const result = await run(3);
    expect(result).toMatchObject({ outcome: 'synced', calls: 1, rejects: 1, details: ['call_1'] });
    const { nextDueAt } = result as { nextDueAt: string };
    expect(Date.parse(nextDueAt)).toBeLessThanOrEqual(Date.now() + POLL_INTERVAL_MS);

    expect(await mongodb.store.calls.findOfAnySource({ account, id: 'call_1' })).toMatchObject({ result: 'completed' });
    const [reject] = await mongodb.store.rejects.list(account);
    expect(reject).toMatchObject({ callId: 'call_2', reason: expect.stringMatching(/^broken-off: /) as unknown });
  });

  it('takes a 204 as an invoice without calls', async () => {
    const { credira, run } = await aScene();
    credira.plan({ answer: answerWith({ status: 204 }) });

    expect(await run(1)).toMatchObject({ outcome: 'synced', calls: 0, rejects: 0, details: [] });
  });

  it('holds after a 503 with a Retry-After', async () => {
    const { account, credira, run } = await aScene();
    credira.plan({ answer: answerWith({ status: 503, headers: { 'retry-after': '120' } }) });

    expect(await run(1)).toMatchObject({ outcome: 'wait', reason: `503 from the API of ${account}` });
    expect(await mongodb.store.limits.read(account)).toMatchObject({ rate: null });
  });
});
