import { Decimal128 } from 'mongodb';
import { describe, expect, it } from 'vitest';
import { FIELD_NAMES } from '../../../src/domain/call.js';
import {
  SEEN_AT,
  SEEN_LATER,
  aCall,
  aCorrection,
  aField,
  aPostCallEvent,
  aSignal,
} from '../../support/a-transaction.js';
import { MERGED_AT, aMerge, mergedCallsOf, mergedPartOf, rowsOf } from '../../support/call-rows.js';
import { useTestDatabase } from '../../support/test-database.js';

const test = useTestDatabase();

interface AnyDocument {
  readonly _id: string;
  readonly [field: string]: unknown;
}

const documents = () => test.db.collection<AnyDocument>('calls');

const original = aCall(
  'T1',
  {
    start_time_utc: 1_714_667_467_000,
    duration: 214,
    calling_phone_number: '775-555-0143',
    revenue: '$80.00',
    call_result_description_detail: '$result.of.the.call',
  },
  { nested: [aField('utm.medium $x', '$Search'), aSignal('Quote', true)] },
);
const correction = aCorrection('T2', { of: 'T1', minute: 5, duration: 215, revenue: '0.0000001' });
const sale = aPostCallEvent('T3', { revenue: '20.50', signal_partner_unique_id: 'crm-1' });

describe('mergeTransactions', () => {
  it('creates a document of the agreed shape, field by field', async () => {
    await test.store.calls.mergeTransactions(aMerge('shape', rowsOf('CALL', [original, sale])));
    const document = await documents().findOne({ _id: 'shape:CALL' });
    const agreed = (
      '_id schemaVersion account source callId startedAt durationSeconds connectSeconds ivrSeconds from to fromKey ' +
      'result revenue signals customData legs events columns transactions provenance recordingUrl rowCount transcript ' +
      'revision createdAt updatedAt'
    ).split(' ');
    const newer = new Set<string>(FIELD_NAMES.filter((name) => !agreed.includes(name)));
    const names = Object.keys(document ?? {});
    expect(names.filter((name) => !newer.has(name))).toEqual(agreed);
    expect(names).toEqual(expect.arrayContaining([...newer]));
    expect(document).toMatchObject({
      schemaVersion: 1,
      account: 'shape',
      source: 'invoca',
      callId: 'CALL',
      startedAt: new Date(1_714_667_467_000),
      durationSeconds: 214,
      fromKey: '7755550143',
      result: '$result.of.the.call',
      revenue: Decimal128.fromString('100.50'),
      customData: [
        { name: 'utm.medium $x', dataType: 'Category', source: 'Api', value: '$Search', transactionId: 'T1' },
      ],
      transcript: { status: 'pending', attempts: 0, text: null },
      revision: 1,
      createdAt: MERGED_AT,
      updatedAt: MERGED_AT,
    });
    expect(keysOfFirst(document?.['signals'])).toBe('name value source transactionId');
    expect(keysOfFirst(document?.['customData'])).toBe('name dataType source value transactionId');
    expect(keysOfFirst(document?.['legs'])).toBe('transactionId originalTransactionId bundled durationSeconds');
    expect(keysOfFirst(document?.['events'])).toBe(
      'kind partnerUniqueId occurredAt revenue transactionId originalTransactionId',
    );
    expect(keysOfFirst(document?.['transactions'])).toBe(
      'transactionId type correctsTransactionId correctedAt firstSeenAt columns customData',
    );
    expect(Object.keys(document?.['transcript'] ?? {}).join(' ')).toBe(
      'status lane attempts nextAttemptAt fetchedAt text turns reason',
    );
  });

  it('returns amounts of money as plain exact text', async () => {
    const rows = rowsOf('CALL', [original, correction, sale]);
    await test.store.calls.mergeTransactions(aMerge('money', rows));
    const call = await test.store.calls.find({ account: 'money', id: 'CALL' });
    expect(call?.revenue).toBe('20.5000001');
    expect(call?.events.map(({ revenue }) => revenue)).toEqual(['20.50']);
    await test.store.calls.mergeTransactions(aMerge('money', rowsOf('SMALL', [aCall('T1', { revenue: '0.0000001' })])));
    expect(await test.store.calls.find({ account: 'money', id: 'SMALL' })).toMatchObject({ revenue: '0.0000001' });
  });

  it('keeps the shape and the transcript when a correction changes the call', async () => {
    await test.store.calls.mergeTransactions(aMerge('changed', rowsOf('CALL', [original])));
    const before = await documents().findOne({ _id: 'changed:CALL' });
    const later = { ...aMerge('changed', rowsOf('CALL', [correction])), now: () => SEEN_LATER };
    expect(await test.store.calls.mergeTransactions(later)).toEqual({ created: 0, changed: 1, rejects: [] });
    const after = await documents().findOne({ _id: 'changed:CALL' });
    expect(Object.keys(after ?? {})).toEqual(Object.keys(before ?? {}));
    expect(after).toMatchObject({
      durationSeconds: 215,
      transcript: before?.['transcript'],
      revision: 2,
      createdAt: MERGED_AT,
      updatedAt: expect.any(Date) as Date,
    });
    expect(after?.['updatedAt']).not.toEqual(MERGED_AT);
    const call = await test.store.calls.find({ account: 'changed', id: 'CALL' });
    const merged = mergedCallsOf(rowsOf('CALL', [original, correction])).get('CALL');
    expect(call === null ? null : mergedPartOf(call)).toEqual(merged);
  });

  it('writes nothing for rows that say nothing new', async () => {
    const rows = rowsOf('CALL', [original, correction]);
    expect(await test.store.calls.mergeTransactions(aMerge('again', rows))).toMatchObject({ created: 1, changed: 0 });
    const before = await documents().findOne({ _id: 'again:CALL' });
    const readAgain = rowsOf('CALL', [correction, original]).map(({ callId, transaction }) => ({
      callId,
      transaction: { ...transaction, firstSeenAt: SEEN_LATER },
    }));
    const again = { ...aMerge('again', readAgain), now: () => SEEN_LATER };
    expect(await test.store.calls.mergeTransactions(again)).toEqual({ created: 0, changed: 0, rejects: [] });
    expect(await documents().findOne({ _id: 'again:CALL' })).toEqual(before);
  });

  it('leaves an erased call alone', async () => {
    const stub = { _id: 'erased:CALL', erasedAt: SEEN_AT, revision: 3 };
    await documents().insertOne(stub);
    const rows = [...rowsOf('CALL', [original]), ...rowsOf('OTHER', [original])];
    expect(await test.store.calls.mergeTransactions(aMerge('erased', rows))).toMatchObject({ created: 1, changed: 0 });
    expect(await documents().findOne({ _id: 'erased:CALL' })).toEqual(stub);
    expect(await test.store.calls.find({ account: 'erased', id: 'CALL' })).toBeNull();
  });

  it('has nothing to do without rows', async () => {
    expect(await test.store.calls.mergeTransactions(aMerge('none', []))).toEqual({
      created: 0,
      changed: 0,
      rejects: [],
    });
  });

  it('merges more calls than fit into one round trip, and reports its progress', async () => {
    const rows = Array.from({ length: 1_201 }, (_, index) => rowsOf(`CALL-${index}`, [original])).flat();
    let progress = 0;
    const request = { ...aMerge('many', rows), onProgress: () => (progress += 1) };
    expect(await test.store.calls.mergeTransactions(request)).toEqual({ created: 1_201, changed: 0, rejects: [] });
    expect(progress).toBe(3);
    expect(await documents().countDocuments({ account: 'many' })).toBe(1_201);
  });

  it('loses no row to a transcript written meanwhile, and leaves it unharmed', async () => {
    const _id = 'meanwhile:CALL';
    await test.store.calls.mergeTransactions(aMerge('meanwhile', rowsOf('CALL', [original])));
    const rows = Array.from({ length: 40 }, (_, index) => rowsOf('CALL', [aPostCallEvent(`P${index}`)])).flat();
    const writeTranscripts = async (): Promise<void> => {
      for (let attempts = 0; attempts < 40; attempts += 1) {
        const { modifiedCount } = await documents().updateOne(
          { _id, 'transcript.attempts': attempts },
          { $set: { 'transcript.attempts': attempts + 1, 'transcript.text': `look ${attempts + 1}` } },
        );
        expect(modifiedCount).toBe(1);
      }
    };
    const mergeRows = async (remainder: number): Promise<void> => {
      for (const [index, row] of rows.entries()) {
        if (index % 2 === remainder) await test.store.calls.mergeTransactions(aMerge('meanwhile', [row]));
      }
    };
    await Promise.all([writeTranscripts(), mergeRows(0), mergeRows(1)]);
    const call = await test.store.calls.find({ account: 'meanwhile', id: 'CALL' });
    expect(call?.transactions).toHaveLength(41);
    expect(call).toMatchObject({ revision: 41, transcript: { status: 'pending', attempts: 40, text: 'look 40' } });
  });

  it('creates a call once if many create it at the same time', async () => {
    const writers = Array.from({ length: 8 }, (_, index) => rowsOf('CALL', [original, aPostCallEvent(`P${index}`)]));
    const results = await Promise.all(writers.map((rows) => test.store.calls.mergeTransactions(aMerge('first', rows))));
    expect(results.reduce((sum, { created }) => sum + created, 0)).toBe(1);
    expect(results.reduce((sum, { changed }) => sum + changed, 0)).toBe(7);
    const call = await test.store.calls.find({ account: 'first', id: 'CALL' });
    const merged = mergedCallsOf(writers.flat()).get('CALL');
    expect(call === null ? null : mergedPartOf(call)).toEqual(merged);
  });
});

function keysOfFirst(list: unknown): string {
  const [first] = list as object[];
  return Object.keys(first ?? {}).join(' ');
}
