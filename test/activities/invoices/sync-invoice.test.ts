import { randomUUID } from 'node:crypto';
import { MockActivityEnvironment } from '@temporalio/testing';
import { DefaultLogger } from '@temporalio/worker';
import { describe, expect, it } from 'vitest';
import { claimInvoices } from '../../../src/activities/invoices/claim-invoices.js';
import { type SyncInvoiceResult, syncInvoice } from '../../../src/activities/invoices/sync-invoice.js';
import type { CrediraSampleInvoice } from '../../../src/sample/credira/credira-invoice.js';
import { answerWith } from '../../../src/sample/faults.js';
import { aCompletedCall, crediraClientOf, startCredira } from '../../support/fake-credira.js';
import { fixedRates } from '../../support/request-rates.js';
import { useTestDatabase } from '../../support/test-database.js';

const mongodb = useTestDatabase();
const POLL_INTERVAL_MS = 60_000;
const DAY_MS = 86_400_000;
const QUIET = new DefaultLogger('ERROR');
const transcripts = { enabled: true, maxAgeMs: null, delaysMs: [1_000], deadlineMs: 2_000 };

/** Claims a due invoice, and returns a function that runs attempts to ask for its calls. */
async function aScene(invoice: Partial<CrediraSampleInvoice> = {}) {
  const account = `a-${randomUUID().slice(0, 8)}`;
  const inv1 = { invoiceId: 'inv_1', calls: [aCompletedCall('call_1')], ...invoice };
  const credira = await startCredira({ invoices: [inv1] });
  const invoices = new Map([
    [account, { name: account, client: crediraClientOf(credira), pollIntervalMs: POLL_INTERVAL_MS, transcripts }],
  ]);
  const { store } = mongodb;
  const now = (): Date => new Date();
  const deps = { store, rates: fixedRates, feeds: new Map(), invoices, transcripts: new Map(), now };
  await store.invoices.track({ account, invoiceIds: ['inv_1'], now });
  const claim = async (): Promise<string> => {
    const claimed = await claimInvoices(deps, { account, dueBy: new Date().toISOString() });
    if (claimed.outcome !== 'claimed') throw new Error('the invoice is due');
    return claimed.lease;
  };
  let lease = await claim();
  const run = async (attempt: number): Promise<SyncInvoiceResult> => {
    const environment = new MockActivityEnvironment({ attempt }, { logger: QUIET });
    const input = { account, invoiceId: 'inv_1', lease, precedingWaits: 0 };
    const result: unknown = await environment.run(() => syncInvoice(deps, input));
    return result as SyncInvoiceResult;
  };
  /** Asks about the invoice in a claim of its own; returns the invoice as stored, and for how long it is left alone. */
  const poll = async () => {
    await mongodb.store.invoices.release({ account, invoiceIds: ['inv_1'], lease, dueAt: now() });
    await store.invoices.track({ account, invoiceIds: ['inv_1'], now });
    lease = await claim();
    const result = await run(1);
    const { value: invoice } = await store.invoices.list({ account }).next();
    if (!invoice || result.outcome !== 'synced') throw new Error('the invoice was not synced');
    const pauseMs = Date.parse(result.nextDueAt) - (invoice.lastSyncAt?.getTime() ?? 0);
    return { ...invoice, isIncomplete: result.isIncomplete, pauseMs };
  };
  return { account, credira, run, poll };
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

  it.each([
    ['more', { statedTotal: (sent: number) => sent + 2 }, 'the source states 3 calls and sent 1'],
    ['fewer', { statedTotal: () => 0 }, 'the source states 0 calls and sent 1'],
    ['calls, but sends false', { calls: [], statedTotal: () => 1 }, 'the source states 1 call and sent 0'],
  ])('marks an invoice incomplete whose list states %s three times in a row', async (_case, invoice, reason) => {
    const { poll } = await aScene(invoice);

    const known = { outcome: 'known', isIncomplete: false, reason };
    for (const mismatches of [1, 2]) {
      const polled = await poll();
      expect(polled).toMatchObject({ ...known, mismatches });
      expect(polled.pauseMs).toBeLessThan(POLL_INTERVAL_MS + 5_000);
    }
    const incomplete = { outcome: 'incomplete', isIncomplete: true, reason };
    const { outcomeSince } = await poll();
    expect(await poll()).toMatchObject({ ...incomplete, mismatches: 4, outcomeSince });
  });

  it('stores the calls of a list that states another number, and clears the outcome with one that is right', async () => {
    let isRight = false;
    const { account, poll } = await aScene({ statedTotal: (sent) => (isRight ? sent : sent + 1) });
    for (let times = 1; times <= 3; times += 1) await poll();
    expect(await mongodb.store.calls.findOfAnySource({ account, id: 'call_1' })).not.toBeNull();

    isRight = true;
    expect(await poll()).toMatchObject({ outcome: 'known', isIncomplete: false, mismatches: 0, reason: null });
    isRight = false;
    expect(await poll()).toMatchObject({ outcome: 'known', mismatches: 1 });
  });

  it('asks about an incomplete invoice less and less often', async () => {
    const { account, poll } = await aScene({ statedTotal: () => 7 });
    for (let times = 1; times <= 3; times += 1) await poll();
    const since = (days: number) => new Date(Date.now() - days * DAY_MS);
    const invoices = mongodb.db.collection('invoices');

    await invoices.updateOne({ account }, { $set: { outcomeSince: since(8), changedAt: since(8) } });
    expect((await poll()).pauseMs).toBeCloseTo(2 * DAY_MS, -5);
    await invoices.updateOne({ account }, { $set: { outcomeSince: since(80), changedAt: since(80) } });
    expect((await poll()).pauseMs).toBeCloseTo(7 * DAY_MS, -5);
  });

  it('counts a mismatch once if its activity runs twice in a claim', async () => {
    const { run, poll } = await aScene({ statedTotal: () => 7 });
    expect(await run(1)).toMatchObject({ details: ['call_1'] });
    expect(await run(2)).toMatchObject({ details: ['call_1'] });

    expect(await poll()).toMatchObject({ mismatches: 2, outcome: 'known' });
  });
});
