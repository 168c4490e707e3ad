import { describe, expect, it } from 'vitest';
import { type CallDocument, mergedFields, newCallDocument } from '../../../src/store/calls/call-document.js';
import { creationOf, revisionOf, writeCalls } from '../../../src/store/calls/call-writes.js';
import { SEEN_LATER, aCall, mergeAll } from '../../support/a-transaction.js';
import { MERGED_AT } from '../../support/call-rows.js';
import { useTestDatabase } from '../../support/test-database.js';

const test = useTestDatabase();

const calls = () => test.db.collection<CallDocument>('calls');
const merged = mergeAll(aCall('T1', { duration: 214 }));

function aDocument(callId: string): CallDocument {
  return newCallDocument({
    account: 'invoca',
    callId,
    merged: mergeAll(aCall('T1')),
    transcript: {
      status: 'pending',
      lane: 'fresh',
      attempts: 0,
      nextAttemptAt: MERGED_AT,
      fetchedAt: null,
      text: null,
      turns: [],
      reason: null,
    },
    createdAt: MERGED_AT,
  });
}

function changing(callId: string, revision: number) {
  return revisionOf({
    before: { _id: `invoca:${callId}`, revision },
    fields: mergedFields(merged),
    updatedAt: SEEN_LATER,
  });
}

describe('writeCalls', () => {
  it('counts what it created and what it changed', async () => {
    await calls().insertOne(aDocument('OLD'));
    const writes = [changing('OLD', 1), creationOf(aDocument('NEW'))];
    expect(await writeCalls({ calls: calls(), writes, doing: 'testing' })).toEqual({
      created: 1,
      changed: 1,
      outgrown: [],
    });
    expect(await calls().findOne({ callId: 'OLD' })).toMatchObject({ durationSeconds: 214, revision: 2 });
  });

  it('gives way if a call was created, changed, erased or removed since, and writes the others', async () => {
    const erased = { _id: 'invoca:ERASED', erasedAt: MERGED_AT, revision: 1 };
    await test.db.collection<{ _id: string }>('calls').insertOne(erased);
    await calls().insertMany([aDocument('CREATED'), { ...aDocument('CHANGED'), revision: 2 }, aDocument('STILL')]);
    const before = await calls()
      .find({ _id: { $in: ['invoca:CREATED', 'invoca:CHANGED', 'invoca:ERASED'] } })
      .toArray();
    const writes = [
      creationOf(newCallDocument({ ...aDocument('CREATED'), merged, createdAt: SEEN_LATER })),
      changing('CHANGED', 1),
      changing('ERASED', 1),
      changing('REMOVED', 1),
      changing('STILL', 1),
      creationOf(aDocument('NOT-YET')),
    ];
    expect(await writeCalls({ calls: calls(), writes, doing: 'testing' })).toEqual({
      created: 1,
      changed: 1,
      outgrown: [],
    });
    const ids = { _id: { $in: ['invoca:CREATED', 'invoca:CHANGED', 'invoca:ERASED', 'invoca:REMOVED'] } };
    expect(await calls().find(ids).toArray()).toEqual(before);
  });
});
