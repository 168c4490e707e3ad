import { describe, expect, it } from 'vitest';
import { crediraCallFromFields } from '../../../src/domain/credira/credira-call.js';
import { aCall, aPostCallEvent } from '../../support/a-transaction.js';
import { aMerge, MERGED_AT, rowsOf } from '../../support/call-rows.js';
import { useTestDatabase } from '../../support/test-database.js';

const test = useTestDatabase();
const documents = () => test.db.collection<{ _id: string; [field: string]: unknown }>('calls');
const START = Date.UTC(2025, 5, 2);
const DAY_MS = 86_400_000;

/** One call a day. */
async function storeCalls(account: string, count: number): Promise<void> {
  const rows = Array.from({ length: count }, (_, index) =>
    rowsOf(`CALL-${index}`, [aCall(`T-${index}`, { start_time_utc: START + index * DAY_MS, duration: 60 })]),
  );
  await test.store.calls.mergeTransactions(aMerge(account, rows.flat()));
}

async function remergeAll(account: string, request: { limit: number; startedAt?: { from: Date; to: Date } }) {
  const batches = [];
  const { transcriptPolicy, now } = aMerge(account, []);
  const { limit, startedAt = null } = request;
  for (let after: string | null = null; ;) {
    const batch = await test.store.calls.remerge({
      ...{ account, transcriptPolicy, now },
      ...{ after, limit, startedAt },
    });
    batches.push(batch);
    if (batch.last === null) return batches;
    after = batch.last;
  }
}

describe('remerge', () => {
  it('computes every call of the account once, batch by batch, and writes only what changes', async () => {
    await storeCalls('batches', 7);
    await storeCalls('batches-too', 1);
    await documents().updateMany({ _id: { $in: ['batches:CALL-1', 'batches:CALL-6'] } }, { $set: { signals: null } });

    expect(await remergeAll('batches', { limit: 3 })).toEqual([
      { calls: 3, changed: 1, last: 'CALL-2' },
      { calls: 3, changed: 0, last: 'CALL-5' },
      { calls: 1, changed: 1, last: null },
    ]);
    expect(await documents().findOne({ _id: 'batches:CALL-1' })).toMatchObject({ signals: [], revision: 2 });
    expect(await documents().findOne({ _id: 'batches:CALL-2' })).toMatchObject({ revision: 1 });
    expect(await remergeAll('batches', { limit: 100 })).toEqual([{ calls: 7, changed: 0, last: null }]);
  });

  it('corrects what was merged when less could be read', async () => {
    const columns = { calling_phone_number: 'sip:+17755550143@203.0.113.7:5060', revenue: 'CA$12.50' };
    const rows = [aCall('MEND-1', columns), aPostCallEvent('MEND-2', { revenue: 'abc' })];
    await test.store.calls.mergeTransactions(aMerge('mend', rowsOf('MEND', rows)));
    const asBefore = { fromKey: '1137506000', revenue: null, provenance: {} };
    await documents().updateOne({ _id: 'mend:MEND' }, { $set: asBefore });

    expect(await remergeAll('mend', { limit: 100 })).toEqual([{ calls: 1, changed: 1, last: null }]);

    const call = await test.store.calls.find({ account: 'mend', id: 'MEND' });
    expect(call).toMatchObject({ fromKey: '7755550143', revenue: '12.50', provenance: { unreadableAmounts: 1 } });
    expect((await test.store.calls.countUnreadableAmounts(['mend'])).get('mend')).toBe(1);
    const caller = { account: null, fromKey: '7755550143' };
    expect(await test.store.erasures.findCalls(caller)).toMatchObject([{ id: 'mend:MEND' }]);
  });

  it('corrects calls of Credira too, and leaves alone what the merge does not own', async () => {
    const { store } = test;
    const calls = ['1', '2'].map((id) =>
      crediraCallFromFields({
        callId: `C-${id}`,
        fields: { from: `tel:+1-775-555-014${id};ext=12` },
        seenAt: MERGED_AT,
      }),
    );
    const { transcriptPolicy, now } = aMerge('credira', []);
    await store.crediraCalls.merge({ account: 'credira', calls, transcriptPolicy, now });
    await store.crediraCalls.noteDetailsAsked({ account: 'credira', callId: 'C-1', at: MERGED_AT });
    await documents().updateOne({ _id: 'credira:C-1' }, { $set: { fromKey: '5555014112' } });
    await documents().insertOne({ _id: 'credira:C-3', erasedAt: MERGED_AT, revision: 2 });
    const request = { account: 'credira', startedAt: null };

    expect(await store.crediraCalls.remerge({ ...request, after: null, limit: 2 })).toEqual({
      ...{ calls: 2, changed: 1, last: 'C-2' },
    });
    expect(await store.crediraCalls.remerge({ ...request, after: 'C-2', limit: 2 })).toEqual({
      ...{ calls: 0, changed: 0, last: null },
    });

    const mended = { fromKey: '7755550141', revision: 2, detailsAskedAt: MERGED_AT, transcript: { status: 'pending' } };
    expect(await documents().findOne({ _id: 'credira:C-1' })).toMatchObject(mended);
    expect(await documents().findOne({ _id: 'credira:C-2' })).toMatchObject({ fromKey: '7755550142', revision: 1 });
  });

  it('keeps to the days it is given', async () => {
    await storeCalls('days', 5);
    await documents().updateMany({ account: 'days' }, { $set: { result: 'Sold' } });

    const startedAt = { from: new Date(START + DAY_MS), to: new Date(START + 3 * DAY_MS) };
    expect(await remergeAll('days', { limit: 100, startedAt })).toEqual([{ calls: 2, changed: 2, last: null }]);
    expect(await documents().countDocuments({ account: 'days', result: 'Sold' })).toBe(3);
  });

  it('leaves erased calls and calls without rows alone', async () => {
    await storeCalls('left', 1);
    await documents().updateOne({ _id: 'left:CALL-0' }, { $set: { transactions: [], result: 'Sold' } });
    const stub = { _id: 'left:ERASED', erasedAt: new Date(0), revision: 3 };
    await documents().insertOne(stub);

    expect(await remergeAll('left', { limit: 100 })).toEqual([{ calls: 1, changed: 0, last: null }]);
    expect(await documents().findOne({ _id: 'left:CALL-0' })).toMatchObject({ result: 'Sold' });
    expect(await documents().findOne({ _id: 'left:ERASED' })).toEqual(stub);
  });
});
