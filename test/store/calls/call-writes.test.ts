import { describe, expect, it } from 'vitest';
import { type CallDocument, mergedFields, newCallDocument } from '../../../src/store/calls/call-document.js';
import { creationOf, stampIfLate, revisionOf, writeCalls } from '../../../src/store/calls/call-writes.js';
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

describe('stampIfLate', () => {
  it('stamps again only what was created, and only if that took more than a minute', async () => {
    await calls().insertOne(aDocument('OLD-LATE'));
    const writes = [changing('OLD-LATE', 1), creationOf(aDocument('NEW-LATE'))];
    await writeCalls({ calls: calls(), writes, doing: 'testing' });
    const stampOf = async (callId: string) => (await calls().findOne({ callId }))?.updatedAt;
    const before = await stampOf('OLD-LATE');

    expect(await stampIfLate({ calls: calls(), writes, tookMs: 60_000 })).toBe(0);
    expect(await stampOf('NEW-LATE')).toEqual(MERGED_AT);
    expect(await stampIfLate({ calls: calls(), writes, tookMs: 60_001 })).toBe(1);
    expect(await stampOf('NEW-LATE')).not.toEqual(MERGED_AT);
    expect(await stampOf('OLD-LATE')).toEqual(before);
  });

  it('gives each change of a call a later stamp, even if a fast clock has stamped it before', async () => {
    const tomorrow = new Date(Date.now() + 86_400_000);
    await calls().insertOne({ ...aDocument('FAST'), updatedAt: tomorrow });
    await writeCalls({ calls: calls(), writes: [changing('FAST', 1)], doing: 'testing' });

    expect((await calls().findOne({ callId: 'FAST' }))?.updatedAt).toEqual(new Date(tomorrow.getTime() + 1));
  });
});
