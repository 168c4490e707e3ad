import { describe, expect, it } from 'vitest';
import { openStore } from '../../../src/store/store.js';
import { LEASE_MS, NOW, callDocuments, insertCalls, minutesFrom, storedCall } from '../../support/pending-calls.js';
import { useTestDatabase } from '../../support/test-database.js';

const test = useTestDatabase();

const claim = (account: string, limit = 10, now = NOW) =>
  test.store.transcripts.claim({ account, now, leaseMs: LEASE_MS, limit });

const idsOf = (claimed: readonly { callId: string }[]) => claimed.map(({ callId }) => callId).sort();

describe('claiming transcripts', () => {
  it('claims nothing if nothing is due', async () => {
    const aDocument = callDocuments('none');
    await insertCalls(test.db, [
      aDocument('LATER', { transcript: { nextAttemptAt: minutesFrom(NOW, 1) } }),
      aDocument('DONE', { transcript: { status: 'available', nextAttemptAt: null } }),
      callDocuments('another')('DUE'),
    ]);
    expect((await claim('none')).claimed).toEqual([]);
  });

  it('returns what a look needs to know, and does not count as a change of the call', async () => {
    await insertCalls(test.db, [callDocuments('facts')('CALL', { transcript: { attempts: 3, reason: 'not yet' } })]);
    const before = await storedCall(test.db, 'facts:CALL');
    const { claimed, leasedUntil } = await claim('facts');
    expect(claimed).toEqual([{ callId: 'CALL', attempts: 3, lane: 'fresh' }]);
    expect(leasedUntil).toEqual(minutesFrom(NOW, 30));
    expect(await storedCall(test.db, 'facts:CALL')).toEqual({
      ...before,
      transcript: { ...before.transcript, nextAttemptAt: leasedUntil },
    });
  });

  it('takes due analyses between fresh and old calls, and no transcript without a next look', async () => {
    const aDocument = callDocuments('analyses');
    const held = { status: 'available', fetchedAt: NOW } as const;
    await insertCalls(test.db, [
      aDocument('DONE', { transcript: { ...held, nextAttemptAt: null } }),
      aDocument('LATER', { transcript: { ...held, nextAttemptAt: minutesFrom(NOW, 1) } }),
      aDocument('TO-COME', { transcript: { ...held, nextAttemptAt: NOW } }),
      aDocument('FRESH'),
      aDocument('OLD', { transcript: { lane: 'old' } }),
    ]);
    const claims = [await claim('analyses', 2), await claim('analyses', 2)];
    expect(claims.map(({ claimed }) => idsOf(claimed))).toEqual([['FRESH', 'TO-COME'], ['OLD']]);
  });

  it('takes fresh calls before old ones, and the longest due first in each lane', async () => {
    const aDocument = callDocuments('lanes');
    const lanes = (['old', 'fresh'] as const).flatMap((lane) =>
      [1, 2, 3].map((minutes) =>
        aDocument(`${lane}-${minutes}`, { transcript: { lane, nextAttemptAt: minutesFrom(NOW, -minutes) } }),
      ),
    );
    await insertCalls(test.db, lanes);
    expect(idsOf((await claim('lanes', 2)).claimed)).toEqual(['fresh-2', 'fresh-3']);
    expect(idsOf((await claim('lanes', 2)).claimed)).toEqual(['fresh-1', 'old-3']);
    expect(idsOf((await claim('lanes', 9)).claimed)).toEqual(['old-1', 'old-2']);
    expect((await claim('lanes', 9)).claimed).toEqual([]);
  });

  it('gives a call to another claim once its lease is over', async () => {
    await insertCalls(test.db, [callDocuments('leased')('CALL')]);
    const { leasedUntil } = await claim('leased');
    const justBefore = new Date(leasedUntil.getTime() - 1);
    expect((await claim('leased', 10, justBefore)).claimed).toEqual([]);
    const again = await claim('leased', 10, leasedUntil);
    expect(idsOf(again.claimed)).toEqual(['CALL']);
    expect(again.leasedUntil.getTime()).toBeGreaterThan(leasedUntil.getTime());
  });

  it('names every claim by another instant, even of claims at the same moment', async () => {
    const claims = await Promise.all(Array.from({ length: 20 }, () => claim('instants')));
    const instants = claims.map(({ leasedUntil }) => leasedUntil.getTime());
    expect(new Set(instants).size).toBe(20);
    expect(Math.min(...instants)).toBe(minutesFrom(NOW, 30).getTime());
  });

  it('shares calls between many claims at once, none twice and all in the end', async () => {
    const documents = Array.from({ length: 400 }, (_, index) => {
      const nextAttemptAt = new Date(NOW.getTime() - index);
      return callDocuments('crowd')(`C${index}`, { transcript: { lane: index % 2 ? 'old' : 'fresh', nextAttemptAt } });
    });
    await insertCalls(test.db, documents);
    const others = await Promise.all([1, 2].map(() => openStore({ uri: test.uri, database: test.database })));
    const stores = [test.store, ...others];
    const claimed: string[] = [];
    const claimAll = async ({ transcripts }: typeof test.store): Promise<void> => {
      for (let idle = 0; idle < 2;) {
        const found = await transcripts.claim({ account: 'crowd', now: NOW, leaseMs: LEASE_MS, limit: 30 });
        claimed.push(...idsOf(found.claimed));
        idle = found.claimed.length === 0 ? idle + 1 : 0;
      }
    };
    await Promise.all([...stores, ...stores].map(claimAll));
    await Promise.all(others.map((store) => store.close()));
    expect(new Set(claimed).size).toBe(400);
    expect(claimed).toHaveLength(400);
  });

  it('finds calls that became due in a time it has already read', async () => {
    const aDocument = callDocuments('passed');
    const due = (callId: string, minutes: number) =>
      aDocument(callId, { transcript: { nextAttemptAt: minutesFrom(NOW, minutes) } });
    await insertCalls(test.db, [due('A', -60), due('B', -59), due('C', -1), due('D', 0)]);
    expect(idsOf((await claim('passed', 2)).claimed)).toEqual(['A', 'B']);
    await insertCalls(test.db, [due('LATE', -600)]);
    expect(idsOf((await claim('passed', 2)).claimed)).toEqual(['C', 'LATE']);
    expect(idsOf((await claim('passed', 2)).claimed)).toEqual(['D']);
    await insertCalls(test.db, [due('LAST', -300)]);
    expect(idsOf((await claim('passed', 2)).claimed)).toEqual(['LAST']);
  });
});

describe('claiming a probe', () => {
  it('claims the newest due call of the lane in addition, for one of two claims at once', async () => {
    const aDocument = callDocuments('probes');
    const started = (minutes: number) => ({ startedAt: minutesFrom(NOW, minutes) });
    const old = { lane: 'old' } as const;
    await insertCalls(test.db, [
      aDocument('FRESH', started(-1)),
      aDocument('OLDER', { ...started(-90), transcript: { ...old, nextAttemptAt: minutesFrom(NOW, -60) } }),
      aDocument('NEWEST', { ...started(-80), transcript: old }),
      aDocument('NOT-DUE', { ...started(-70), transcript: { ...old, nextAttemptAt: minutesFrom(NOW, 1) } }),
      aDocument('ENDED', { ...started(-60), transcript: { ...old, status: 'none', nextAttemptAt: NOW } }),
    ]);
    const heldAt = minutesFrom(NOW, -60);
    const refusal = { account: 'probes', lane: 'old', now: heldAt, holdAfter: 1, holdMs: 3_600_000 } as const;
    await test.store.limits.noteForbidden(refusal);
    const claimed = () =>
      test.store.transcripts.claim({
        account: 'probes',
        now: NOW,
        leaseMs: LEASE_MS,
        limit: 10,
        lanes: ['fresh'],
        probes: ['old'],
      });

    const both = await Promise.all([claimed(), claimed()]);

    expect(both.flatMap((each) => idsOf(each.claimed)).sort()).toEqual(['FRESH', 'NEWEST']);
  });

  it('takes no probe if nothing is due', async () => {
    const heldAt = minutesFrom(NOW, -60);
    const refusal = { account: 'no-probe', lane: 'old', now: heldAt, holdAfter: 1, holdMs: 3_600_000 } as const;
    await test.store.limits.noteForbidden(refusal);
    const claim = { account: 'no-probe', now: NOW, leaseMs: LEASE_MS, limit: 10, probes: ['old'] } as const;

    expect((await test.store.transcripts.claim(claim)).claimed).toEqual([]);

    expect((await test.store.limits.transcriptsState('no-probe')).rests.old.probeFrom).toBeNull();
  });
});

describe('reading a call for a look', () => {
  it('returns its times and its state, without the conversation', async () => {
    const startedAt = minutesFrom(NOW, -60);
    await insertCalls(test.db, [
      callDocuments('read')('CALL', { startedAt, durationSeconds: 60, transcript: { text: 'a', reason: 'not yet' } }),
    ]);
    const { createdAt, result } = await storedCall(test.db, 'read:CALL');
    expect(await test.store.transcripts.read({ account: 'read', callId: 'CALL' })).toEqual({
      callId: 'CALL',
      startedAt,
      durationSeconds: 60,
      createdAt,
      result,
      transcriptUrl: null,
      transcript: {
        status: 'pending',
        lane: 'fresh',
        attempts: 0,
        nextAttemptAt: NOW,
        fetchedAt: null,
        reason: 'not yet',
      },
    });
  });

  it('returns null for a call that is not stored, or was erased', async () => {
    const stub = { _id: 'read:ERASED', erasedAt: NOW, revision: 3 };
    await test.db.collection<{ _id: string }>('calls').insertOne(stub);
    expect(await test.store.transcripts.read({ account: 'read', callId: 'ERASED' })).toBeNull();
    expect(await test.store.transcripts.read({ account: 'read', callId: 'NONE' })).toBeNull();
  });
});
