import { randomUUID } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import type { InvoiceSync } from '../../../src/store/invoices/invoice-document.js';
import { useTestDatabase } from '../../support/test-database.js';

const test = useTestDatabase();
const NOW = new Date('2025-06-02T12:00:00Z');
const LATER = new Date('2025-06-02T13:00:00Z');
const LEASE_MS = 600_000;

const SYNC: InvoiceSync = {
  lastSyncAt: NOW,
  outcome: 'known',
  outcomeSince: NOW,
  reason: null,
  calls: 2,
  unfinished: 1,
  mismatches: 0,
  changedAt: NOW,
  nextDueAt: LATER,
};

function anAccount(): string {
  return `a-${randomUUID().slice(0, 8)}`;
}

function track(account: string, invoiceIds: readonly string[], now = NOW) {
  return test.store.invoices.track({ account, invoiceIds, now: () => now });
}

function claim(account: string, { now = NOW, limit = 100 } = {}) {
  return test.store.invoices.claim({
    account,
    dueBy: now,
    leasedUntil: new Date(now.getTime() + LEASE_MS),
    limit,
  });
}

async function listed(account: string) {
  const invoices = [];
  for await (const invoice of test.store.invoices.list({ account })) invoices.push(invoice);
  return invoices;
}

describe('track', () => {
  it('tracks every id once and makes it due', async () => {
    const account = anAccount();

    expect(await track(account, ['inv_2', 'inv_1', 'inv_2'])).toEqual({ ids: 2, added: 2 });

    expect(await listed(account)).toMatchObject([
      { invoiceId: 'inv_1', trackedAt: NOW, lastSyncAt: null, nextDueAt: NOW },
      { invoiceId: 'inv_2', trackedAt: NOW, lastSyncAt: null, nextDueAt: NOW },
    ]);
  });

  it('makes invoices due that are tracked already, and keeps what is known of them', async () => {
    const account = anAccount();
    await track(account, ['inv_1']);
    const { lease } = await claim(account);
    await test.store.invoices.finish({ account, invoiceId: 'inv_1', lease, sync: SYNC });

    expect(await track(account, ['inv_1', 'inv_2'], new Date(NOW.getTime() + 1))).toEqual({ ids: 2, added: 1 });

    const [first] = await listed(account);
    expect(first).toMatchObject({ ...SYNC, trackedAt: NOW, nextDueAt: new Date(NOW.getTime() + 1) });
  });

  it('takes a list of any length, a batch at a time', async () => {
    const account = anAccount();
    function* ids() {
      for (let index = 0; index < 2_500; index += 1) yield `inv_${index}`;
    }

    expect(await test.store.invoices.track({ account, invoiceIds: ids(), now: () => NOW })).toEqual({
      ids: 2_500,
      added: 2_500,
    });
    expect(await test.store.invoices.summary(account, NOW)).toEqual({
      tracked: 2_500,
      dueNow: 2_500,
      byOutcome: { none: 2_500 },
      lastSyncAt: null,
    });
  });
});

describe('claim', () => {
  it('gives an invoice to one claim, and again once its lease has run out', async () => {
    const account = anAccount();
    await track(account, ['inv_1']);

    expect((await claim(account)).invoiceIds).toEqual(['inv_1']);
    expect((await claim(account)).invoiceIds).toEqual([]);
    expect((await claim(account, { now: new Date(NOW.getTime() + LEASE_MS) })).invoiceIds).toEqual(['inv_1']);
  });

  it('shares what is due between claims at the same time', async () => {
    const account = anAccount();
    const ids = Array.from({ length: 60 }, (_unused, index) => `inv_${index}`);
    await track(account, ids);

    const claims = await Promise.all(Array.from({ length: 4 }, () => claim(account, { limit: 15 })));

    expect(claims.flatMap(({ invoiceIds }) => invoiceIds).sort()).toEqual(ids.sort());
  });

  it('takes the longest due first, and none of other accounts or not yet due', async () => {
    const account = anAccount();
    await track(account, ['inv_new'], new Date(NOW.getTime() - 1_000));
    await track(account, ['inv_old'], new Date(NOW.getTime() - 2_000));
    await track(account, ['inv_to_come'], LATER);
    await track(anAccount(), ['inv_of_another']);

    expect((await claim(account, { limit: 1 })).invoiceIds).toEqual(['inv_old']);
    expect((await claim(account)).invoiceIds).toEqual(['inv_new']);
  });
});

describe('an invoice that was claimed', () => {
  it('is due next when its answer says so', async () => {
    const account = anAccount();
    await track(account, ['inv_1']);
    const { lease } = await claim(account);
    const leased = { account, invoiceId: 'inv_1', lease };

    expect(await test.store.invoices.readLeased(leased)).toMatchObject({ invoiceId: 'inv_1', outcome: null });
    expect(await test.store.invoices.finish({ ...leased, sync: { ...SYNC, reason: '$lastSyncAt' } })).toBe(true);

    expect(await listed(account)).toMatchObject([{ ...SYNC, reason: '$lastSyncAt' }]);
    expect(await test.store.invoices.readLeased(leased)).toBeNull();
    expect((await claim(account, { now: LATER })).invoiceIds).toEqual(['inv_1']);
    expect(await test.store.invoices.summary(account, NOW)).toMatchObject({
      dueNow: 0,
      byOutcome: { known: 1 },
      lastSyncAt: NOW,
    });
  });

  it('has the number of mismatches that it had before its claim, until another claim has it', async () => {
    const account = anAccount();
    await track(account, ['inv_1']);
    await test.db.collection('invoices').updateOne({ account }, { $unset: { mismatches: 1 } });
    const { lease } = await claim(account);
    const leased = { account, invoiceId: 'inv_1', lease };
    const kept = { ...leased, sync: { ...SYNC, mismatches: 1, nextDueAt: NOW }, keeps: true };

    expect(await test.store.invoices.readLeased(leased)).toMatchObject({ mismatches: 0 });
    await test.store.invoices.finish({ ...kept, mismatchesBefore: 0 });
    expect(await test.store.invoices.readLeased(leased)).toMatchObject({ mismatches: 0 });
    expect(await listed(account)).toMatchObject([{ mismatches: 1 }]);

    const { lease: another } = await claim(account);
    expect(await test.store.invoices.readLeased({ ...leased, lease: another })).toMatchObject({ mismatches: 1 });
    expect(Object.keys((await listed(account))[0] ?? {})).not.toContain('mismatchesBefore');
  });

  it('can be kept by its claim until the rest is done', async () => {
    const account = anAccount();
    await track(account, ['inv_1']);
    const { lease } = await claim(account);
    const leased = { account, invoiceId: 'inv_1', lease };
    await test.store.invoices.finish({ ...leased, sync: SYNC, keeps: true });

    const nextDueAt = new Date('2025-06-09T12:00:00Z');
    expect(await test.store.invoices.settle({ ...leased, nextDueAt })).toBe(true);

    expect(await listed(account)).toMatchObject([{ ...SYNC, nextDueAt }]);
    expect(await test.store.invoices.settle({ ...leased, nextDueAt: NOW })).toBe(false);
  });

  it('is not changed by a claim that has lost it', async () => {
    const account = anAccount();
    await track(account, ['inv_1']);
    const lost = await claim(account);
    await claim(account, { now: LATER });
    const leased = { account, invoiceId: 'inv_1', lease: lost.lease };

    expect(await test.store.invoices.readLeased(leased)).toBeNull();
    expect(await test.store.invoices.finish({ ...leased, sync: SYNC })).toBe(false);
    expect(await test.store.invoices.release({ ...leased, invoiceIds: ['inv_1'], dueAt: NOW })).toBe(0);
    expect(await listed(account)).toMatchObject([{ lastSyncAt: null, outcome: null }]);
  });

  it('is due again when it is handed back', async () => {
    const account = anAccount();
    await track(account, ['inv_1', 'inv_2']);
    const { lease, invoiceIds } = await claim(account);
    await test.store.invoices.finish({ account, invoiceId: 'inv_1', lease, sync: SYNC });

    expect(await test.store.invoices.release({ account, invoiceIds, lease, dueAt: NOW })).toBe(1);
    expect((await claim(account)).invoiceIds).toEqual(['inv_2']);
  });
});

describe('makeAllDue', () => {
  it('makes every invoice of the account due, the one not asked about for longest first', async () => {
    const account = anAccount();
    await track(account, ['inv_1', 'inv_2']);
    const { lease } = await claim(account);
    const ago = (minutes: number) => new Date(NOW.getTime() - minutes * 60_000);
    await test.store.invoices.finish({ account, invoiceId: 'inv_1', lease, sync: { ...SYNC, lastSyncAt: ago(1) } });
    await test.store.invoices.finish({ account, invoiceId: 'inv_2', lease, sync: { ...SYNC, lastSyncAt: ago(2) } });

    expect(await test.store.invoices.makeAllDue(account)).toBe(2);

    expect((await claim(account, { limit: 1 })).invoiceIds).toEqual(['inv_2']);
    expect((await claim(account)).invoiceIds).toEqual(['inv_1']);
  });
});
