import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { useTestDatabase } from '../../support/test-database.js';

const test = useTestDatabase();

const seenAt = new Date('2026-03-02T10:00:00Z');
const noCallId = { transactionId: 'T-1', reason: 'no-call-id', raw: '{"transaction_id":"T-1"}' };
const notAnObject = { transactionId: null, reason: 'not-an-object', raw: '"what"' };

describe('rejects', () => {
  it('stores each row with its reason and its origin', async () => {
    const page = { account: 'whole', origin: 'live/whole/3', rejects: [noCallId], seenAt };
    expect(await test.store.rejects.record(page)).toBe(1);
    expect(await test.db.collection('rejects').findOne({ account: 'whole' })).toEqual({
      _id: createHash('sha256').update(`whole\n${noCallId.raw}`).digest('hex'),
      account: 'whole',
      page: 'live/whole/3',
      callId: null,
      ...noCallId,
      seenAt,
    });
  });

  it('counts a row once that is read again, or twice on one page, and keeps its first origin', async () => {
    const first = { account: 'twice', origin: 'live/twice/1', rejects: [noCallId], seenAt };
    await test.store.rejects.record(first);
    const again = { ...first, origin: 'live/twice/2', rejects: [noCallId, notAnObject, notAnObject] };
    expect(await test.store.rejects.record(again)).toBe(1);
    expect(await test.store.rejects.count('twice')).toBe(2);
    const stored = await test.db.collection('rejects').findOne({ account: 'twice', transactionId: 'T-1' });
    expect(stored).toMatchObject({ page: 'live/twice/1' });
  });

  it('leaves out rows of erased calls, and keeps those of other calls', async () => {
    const stub = { account: 'private', callId: 'GONE', erasedAt: seenAt, revision: 2, updatedAt: seenAt };
    await test.db.collection<{ _id: string }>('calls').insertOne({ _id: 'private:GONE', ...stub });
    const rejects = ['GONE', 'KEPT'].map((callId) => ({ ...noCallId, callId, raw: callId, reason: 'too-large' }));

    expect(await test.store.rejects.record({ account: 'private', origin: 'p/0', rejects, seenAt })).toBe(1);
    expect(await test.store.rejects.list('private')).toMatchObject([{ callId: 'KEPT' }]);
  });

  it('keeps the same row of two accounts apart', async () => {
    for (const account of ['left', 'right']) {
      const recorded = await test.store.rejects.record({ account, origin: 'p/0', rejects: [notAnObject], seenAt });
      expect(recorded).toBe(1);
    }
    expect(await test.store.rejects.count('left')).toBe(1);
  });

  it('has nothing to do for a page without rejects', async () => {
    expect(await test.store.rejects.record({ account: 'clean', origin: 'p/0', rejects: [], seenAt })).toBe(0);
    expect(await test.store.rejects.count('clean')).toBe(0);
  });
});
