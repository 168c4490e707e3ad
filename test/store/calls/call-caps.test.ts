import { BSON } from 'mongodb';
import { describe, expect, it } from 'vitest';
import { mergeCall } from '../../../src/domain/invoca/merge.js';
import type { Transaction } from '../../../src/domain/invoca/transaction.js';
import { mergeWithinCaps } from '../../../src/store/calls/call-caps.js';
import { SEEN_LATER, aCall, aTransaction } from '../../support/a-transaction.js';
import { aMerge, rowsOf } from '../../support/call-rows.js';
import { useTestDatabase } from '../../support/test-database.js';

const test = useTestDatabase();

const MIB = 1024 * 1024;

/** Rows of slightly less than 1 MiB, so that a call holds eight of them. */
function largeRows(count: number): Transaction[] {
  return Array.from({ length: count }, (_, index) => aCall(`T${index}`, { notes: 'x'.repeat(MIB - 2_000) }));
}

/** Returns a row whose derived fields are larger than itself: many short fields, each of which names the row. */
function rowOfManyFields(transactionId: string): Transaction {
  const flat = Array.from({ length: 12_000 }, (_, index) => [`${transactionId}-${index}`, index] as const);
  return aTransaction({ transactionId: `THE-QUITE-LONG-ID-OF-ROW-${transactionId}`, flat });
}

function derivedSize(rows: readonly Transaction[]): number {
  return BSON.calculateObjectSize({ ...mergeCall(rows), transactions: [] });
}

const idsOf = (transactions: readonly { transactionId: string | null }[] | undefined) =>
  transactions?.map(({ transactionId }) => transactionId);

describe('a call whose rows would outgrow one document', () => {
  it('is stored with the rows that fit, and returns the others as rejects', async () => {
    const rows = rowsOf('CALL', largeRows(10).toReversed());
    const result = await test.store.calls.mergeTransactions(aMerge('large', rows));
    expect(result).toMatchObject({ created: 1, changed: 0 });
    expect(idsOf(result.rejects)).toEqual(['T8', 'T9']);
    const call = await test.store.calls.find({ account: 'large', id: 'CALL' });
    expect(idsOf(call?.transactions)).toEqual(['T0', 'T1', 'T2', 'T3', 'T4', 'T5', 'T6', 'T7']);
  });

  it('returns the same rejects if the same rows are read again, and is not written', async () => {
    const account = 'large-again';
    const rows = largeRows(9);
    const first = await test.store.calls.mergeTransactions(aMerge(account, rowsOf('CALL', rows)));
    const later = rows.map((row) => ({ ...row, firstSeenAt: SEEN_LATER }));
    const second = await test.store.calls.mergeTransactions(aMerge(account, rowsOf('CALL', later)));
    expect(second).toEqual({ created: 0, changed: 0, rejects: first.rejects });
    expect(first.rejects).toHaveLength(1);
  });

  it('takes later rows that still fit, and later values of the rows it has', async () => {
    const account = 'large-later';
    await test.store.calls.mergeTransactions(aMerge(account, rowsOf('CALL', largeRows(9))));
    const later = [aCall('T0', { status: 'new' }, { seenAt: SEEN_LATER }), aCall('T9', { notes: 'short' })];
    const result = await test.store.calls.mergeTransactions(aMerge(account, rowsOf('CALL', later)));
    expect(result).toEqual({ created: 0, changed: 1, rejects: [] });
  });

  it('names the rule that a reject breaks, and keeps it as a row of the source', async () => {
    const account = 'large-text';
    const rows = largeRows(9).map((row) => ({
      ...row,
      columns: { ...row.columns, transaction_id: row.transactionId },
    }));
    const { rejects } = await test.store.calls.mergeTransactions(aMerge(account, rowsOf('CALL', rows)));
    expect(rejects).toEqual([
      {
        callId: 'CALL',
        transactionId: 'T8',
        reason:
          'call-too-large: with this the call would be too large for one document, which holds at most 8 MiB of rows ' +
          'and 3 MiB of what is derived from them',
        raw: JSON.stringify({ ...rows[8]?.columns, custom_data: [] }),
      },
    ]);
  });

  it('leaves out rows that fit if their derived fields do not, and no more than it must', () => {
    const rows = ['A', 'B', 'C', 'D'].map(rowOfManyFields);
    const { merged, rejected } = mergeWithinCaps({ stored: [], seen: rows });
    const kept = merged?.transactions.length ?? 0;
    expect(BSON.calculateObjectSize(rows)).toBeLessThan(8 * MIB);
    expect(idsOf([...(merged?.transactions ?? []), ...rejected])).toEqual(idsOf(rows));
    expect(derivedSize(rows.slice(0, kept))).toBeLessThan(3 * MIB);
    expect(derivedSize(rows.slice(0, kept + 1))).toBeGreaterThan(3 * MIB);
  });
});
