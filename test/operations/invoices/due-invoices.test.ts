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
  it('are those that a run has counted, by outcome, the first ten of each', async () => {
    const { store } = mongodb;
    const account = newAccount();
    const ids = Array.from({ length: 14 }, (_, index) => `X-${String(index).padStart(2, '0')}`);
    await makeDue({ store, account, given: given(...ids) });
    const none = { unknown: 0, refused: 0, incomplete: 0 };
    expect(await troubledInvoices({ store, account, counted: { ...none, unknown: 2 } })).toEqual([]);

    const now = new Date();
    const { lease, invoiceIds } = await store.invoices.claim({ account, dueBy: now, leasedUntil: now, limit: 100 });
    for (const invoiceId of invoiceIds) {
      const outcome = invoiceId === 'X-12' ? 'refused' : invoiceId === 'X-13' ? 'incomplete' : 'unknown';
      // An earlier run asked about these.
      const isOld = ['X-00', 'X-13'].includes(invoiceId);
      const lastSyncAt = isOld ? new Date(now.getTime() - 60_000) : now;
      const times = { lastSyncAt, outcomeSince: now, changedAt: null, nextDueAt: now };
      const sync = { outcome, calls: 0, unfinished: 0, mismatches: 0, reason: null, ...times } as const;
      await store.invoices.finish({ account, invoiceId, lease, sync });
    }

    const counted = { unknown: 11, refused: 1, incomplete: 0 };
    expect(await troubledInvoices({ store, account, counted })).toEqual([
      { outcome: 'unknown', ids: ids.slice(1, 11), hasMore: true },
      { outcome: 'refused', ids: ['X-12'], hasMore: false },
    ]);
    expect(await troubledInvoices({ store, account, counted: none })).toEqual([]);
  });
});
