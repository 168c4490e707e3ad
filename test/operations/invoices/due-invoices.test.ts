import { randomUUID } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { makeDue, troubledInvoices, type GivenInvoiceId } from '../../../src/operations/invoices/due-invoices.js';
import { useTestDatabase } from '../../support/test-database.js';

const mongodb = useTestDatabase();

async function* given(...ids: readonly string[]): AsyncGenerator<GivenInvoiceId> {
  for (const [index, id] of ids.entries()) yield await Promise.resolve({ id, where: `line ${index + 1} of ids.txt` });
}

function newAccount(): string {
  return `a-${randomUUID().slice(0, 8)}`;
}

describe('making invoices due', () => {
  it('tracks the given invoices, and makes all tracked ones due if none is given', async () => {
    const { store } = mongodb;
    const account = newAccount();

    expect(await makeDue({ store, account, given: given('A-1', 'B/2', 'A-1') })).toEqual({ due: 2, added: 2 });
    expect(await makeDue({ store, account, given: given('A-1', 'C-3') })).toEqual({ due: 2, added: 1 });
    expect(await makeDue({ store, account, given: null })).toEqual({ due: 3, added: null });
    expect(await makeDue({ store, account, given: given() })).toEqual({ due: 0, added: 0 });
  });

  it.each(['', 'A 1', 'A\u00001', 'A\n1', 'x'.repeat(201)])('refuses the id %j and names its place', async (id) => {
    const { store } = mongodb;

    await expect(makeDue({ store, account: newAccount(), given: given('A-1', id) })).rejects.toThrow(
      'line 2 of ids.txt must be 1 to 200 characters',
    );
  });
});

describe('invoices that need a person', () => {
  it('are listed by outcome, the first ten of each', async () => {
    const { store } = mongodb;
    const account = newAccount();
    const ids = Array.from({ length: 13 }, (_, index) => `X-${String(index).padStart(2, '0')}`);
    await makeDue({ store, account, given: given(...ids) });
    expect(await troubledInvoices(store, account)).toEqual([]);

    const now = new Date();
    const { lease, invoiceIds } = await store.invoices.claim({ account, dueBy: now, leasedUntil: now, limit: 100 });
    for (const invoiceId of invoiceIds) {
      const outcome = invoiceId === 'X-11' ? 'refused' : invoiceId === 'X-10' ? 'incomplete' : 'unknown';
      const times = { lastSyncAt: now, outcomeSince: now, changedAt: null, nextDueAt: now };
      const sync = { outcome, calls: 0, unfinished: 0, mismatches: 0, reason: null, ...times } as const;
      await store.invoices.finish({ account, invoiceId, lease, sync });
    }

    expect(await troubledInvoices(store, account)).toEqual([
      { outcome: 'unknown', ids: ids.slice(0, 10), hasMore: true },
      { outcome: 'refused', ids: ['X-11'], hasMore: false },
      { outcome: 'incomplete', ids: ['X-10'], hasMore: false },
    ]);
  });
});
