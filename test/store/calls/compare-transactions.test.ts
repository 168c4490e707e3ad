import { describe, expect, it } from 'vitest';
import type { CallTransaction } from '../../../src/domain/invoca/transaction.js';
import {
  aCall,
  aCorrection,
  aField,
  aPostCallEvent,
  aSignal,
  SEEN_LAST,
  SEEN_LATER,
} from '../../support/a-transaction.js';
import { aMerge, rowsOf } from '../../support/call-rows.js';
import { useTestDatabase } from '../../support/test-database.js';

const test = useTestDatabase();
const documents = () => test.db.collection<{ _id: string; [field: string]: unknown }>('calls');

/** A call with something in every field, as it is read at an instant. */
function rowsAt(callId: string, seenAt: Date): CallTransaction[] {
  const parts = { seenAt, nested: [aSignal('Quote', true), aField('utm.medium $x', '$Search')] };
  const columns = { start_time_utc: 1_714_667_467_000, duration: 214, calling_phone_number: '775-555-0143' };
  return rowsOf(callId, [
    aCall(`${callId}-1`, { ...columns, revenue: '0.0000001', recording: 'https://example.test/1' }, parts),
    aCorrection(`${callId}-2`, { of: `${callId}-1`, minute: 5, ...columns, revenue: '80.00' }, parts),
    aPostCallEvent(`${callId}-3`, { revenue: '20.50', signal_partner_unique_id: 'crm-1' }, { seenAt }),
  ]);
}

async function store(account: string, rows: readonly CallTransaction[]): Promise<void> {
  await test.store.calls.mergeTransactions(aMerge(account, rows));
}

function repair(account: string, transactions: readonly CallTransaction[]) {
  const recompute = [...new Set(transactions.map(({ callId }) => callId))];
  return test.store.calls.mergeTransactions({ ...aMerge(account, transactions), recompute });
}

describe('compareTransactions', () => {
  it('finds no difference if the source repeats its rows', async () => {
    const calls = Array.from({ length: 600 }, (_, index) => `CALL-${index}`);
    await store(
      'same',
      calls.flatMap((callId) => rowsAt(callId, SEEN_LATER)),
    );

    const transactions = calls.flatMap((callId) => rowsAt(callId, SEEN_LAST));
    expect(await test.store.calls.compareTransactions({ account: 'same', transactions })).toEqual([]);
  });

  it('finds what is not stored, and writes nothing', async () => {
    await store('gaps', rowsAt('THERE', SEEN_LATER));

    const transactions = [...rowsAt('MISSING', SEEN_LAST), ...rowsAt('THERE', SEEN_LAST)];
    const found = await test.store.calls.compareTransactions({ account: 'gaps', transactions });

    expect(found).toEqual([{ callId: 'MISSING', kind: 'missing', changed: [] }]);
    expect(await documents().countDocuments({ account: 'gaps' })).toBe(1);
  });

  it('names the fields that a correction not yet read would change', async () => {
    await store('late', rowsAt('CALL', SEEN_LATER));

    const late = aCorrection('CALL-4', { of: 'CALL-1', minute: 9, start_time_utc: 1_714_667_467_000, duration: 215 });
    const transactions = [...rowsAt('CALL', SEEN_LAST), ...rowsOf('CALL', [late])];
    const [found] = await test.store.calls.compareTransactions({ account: 'late', transactions });

    expect(found).toMatchObject({ callId: 'CALL', kind: 'stale' });
    expect(found?.changed).toEqual(expect.arrayContaining(['durationSeconds', 'transactions', 'provenance']));
    expect(found?.changed).not.toContain('startedAt');
  });

  const damages: [string, object, string[]][] = [
    ['a value that was changed', { $set: { result: 'Sold' } }, ['result']],
    ['a duration that was changed', { $set: { durationSeconds: 1 } }, ['durationSeconds']],
    ['money that was changed', { $set: { revenue: null } }, ['revenue']],
    ['a start that was changed', { $set: { startedAt: new Date(0) } }, ['startedAt']],
    ['signals that were emptied', { $set: { signals: [] } }, ['signals']],
    ['a field that was removed', { $unset: { customData: '' } }, ['customData']],
    ['a key that was added', { $set: { 'columns.invented': 1 } }, ['columns']],
    ['a transaction that was removed', { $pop: { transactions: 1 } }, ['transactions']],
  ];
  it.each(damages)('finds %s, and the merge that recomputes repairs it', async (_what, damage, changed) => {
    const account = `damaged-${changed[0] ?? ''}`;
    await store(account, rowsAt('CALL', SEEN_LATER));
    const before = await documents().findOne({ _id: `${account}:CALL` });
    await documents().updateOne({ _id: `${account}:CALL` }, damage);
    const transactions = rowsAt('CALL', SEEN_LAST);

    expect(await test.store.calls.compareTransactions({ account, transactions })).toEqual([
      { callId: 'CALL', kind: 'stale', changed },
    ]);

    expect(await repair(account, transactions)).toMatchObject({ created: 0, changed: 1 });
    expect(await test.store.calls.compareTransactions({ account, transactions })).toEqual([]);
    const after = await documents().findOne({ _id: `${account}:CALL` });
    const sightings = { transactions: expect.anything() as unknown, revision: 2, updatedAt: after?.['updatedAt'] };
    expect(after).toEqual({ ...before, ...sightings });
  });

  it('leaves an erased call alone, and the repair does too', async () => {
    const stub = { _id: 'erased:CALL', erasedAt: new Date(0), revision: 3 };
    await documents().insertOne(stub);
    const transactions = rowsAt('CALL', SEEN_LAST);

    expect(await test.store.calls.compareTransactions({ account: 'erased', transactions })).toEqual([]);
    expect(await repair('erased', transactions)).toMatchObject({ created: 0, changed: 0 });
    expect(await documents().findOne({ _id: stub._id })).toEqual(stub);
  });
});

describe('a merge that recomputes', () => {
  it('does not write a call that matches its rows', async () => {
    await store('sound', rowsAt('CALL', SEEN_LATER));

    expect(await repair('sound', rowsAt('CALL', SEEN_LAST))).toMatchObject({ created: 0, changed: 0 });
    expect(await documents().findOne({ _id: 'sound:CALL' })).toMatchObject({ revision: 1 });
  });
});
