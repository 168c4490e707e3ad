import { describe, expect, it } from 'vitest';
import type { TranscriptAnalysis, TranscriptState } from '../../../src/domain/transcripts/transcript.js';
import type { LookOutcome } from '../../../src/domain/transcripts/outcome.js';
import {
  AVAILABLE,
  HELD,
  LEASE_MS,
  NOW,
  callDocuments,
  insertCalls,
  minutesFrom,
  storedCall,
} from '../../support/pending-calls.js';
import { useTestDatabase } from '../../support/test-database.js';

const test = useTestDatabase();

const LATER = minutesFrom(NOW, 5);
const callId = 'CALL';

/** Stores a call of the account and claims a look for it. */
async function aClaimedCall(account: string, transcript: Partial<TranscriptState> = {}) {
  await insertCalls(test.db, [callDocuments(account)(callId, { transcript })]);
  const { claimed, leasedUntil } = await test.store.transcripts.claim({
    account,
    now: NOW,
    leaseMs: LEASE_MS,
    limit: 1,
  });
  const before = await storedCall(test.db, `${account}:${callId}`);
  const lease = { account, callId, leasedUntil };
  const attempts = claimed[0]?.attempts ?? -1;
  return {
    before,
    lease,
    attempts,
    after: () => storedCall(test.db, `${account}:${callId}`),
    finish: (outcome: LookOutcome, counted = attempts) =>
      test.store.transcripts.finishLook({ ...lease, attempts: counted, outcome, now: LATER }),
  };
}

/** The server stamps changes. */
const CHANGED = expect.any(Date) as Date;

describe('finishing a look', () => {
  it('stores the transcript with its texts unchanged, and leaves the rest of the call alone', async () => {
    const { before, after, finish } = await aClaimedCall('available', { attempts: 1, reason: 'not yet' });
    expect(await finish(AVAILABLE)).toBe(true);
    expect(await after()).toEqual({
      ...before,
      transcript: {
        ...before.transcript,
        ...HELD,
        status: 'available',
        attempts: 2,
        nextAttemptAt: null,
        reason: null,
      },
      updatedAt: CHANGED,
    });
    expect(Object.keys((await after()).transcript)).toEqual(Object.keys(before.transcript));
  });

  it('plans the next look if there is no transcript yet', async () => {
    const { before, after, finish } = await aClaimedCall('not-yet');
    const nextAttemptAt = minutesFrom(NOW, 60);
    expect(await finish({ status: 'pending', nextAttemptAt, reason: '$not yet' })).toBe(true);
    expect(await after()).toEqual({
      ...before,
      transcript: { ...before.transcript, attempts: 1, nextAttemptAt, reason: '$not yet' },
      updatedAt: CHANGED,
    });
  });

  it.each(['none', 'gone', 'forbidden', 'expired', 'too_large'] as const)('ends with %s', async (status) => {
    const { before, after, finish } = await aClaimedCall(status);
    expect(await finish({ status, reason: '$why' })).toBe(true);
    expect(await after()).toEqual({
      ...before,
      transcript: {
        ...before.transcript,
        status,
        attempts: 1,
        nextAttemptAt: null,
        reason: '$why',
        ...(status === 'forbidden' && { forbiddenAt: LATER }),
      },
      updatedAt: CHANGED,
    });
  });

  it('counts only once', async () => {
    const { after, finish } = await aClaimedCall('once');
    const outcomes = await Promise.all([finish(AVAILABLE), finish({ status: 'expired', reason: 'late' })]);
    expect(outcomes.filter(Boolean)).toHaveLength(1);
    expect((await after()).transcript).toMatchObject({ attempts: 1, status: outcomes[0] ? 'available' : 'expired' });
  });

  it('changes nothing if another claim has taken over the lease', async () => {
    const { lease, finish, after } = await aClaimedCall('overtaken');
    const claim = { account: 'overtaken', now: lease.leasedUntil, leaseMs: LEASE_MS, limit: 1 };
    expect((await test.store.transcripts.claim(claim)).claimed).toHaveLength(1);
    const taken = await after();
    expect(await finish(AVAILABLE)).toBe(false);
    expect(await test.store.transcripts.defer({ ...lease, until: LATER, reason: 'on hold' })).toBe(false);
    expect(await after()).toEqual(taken);
  });

  it('changes nothing if the number of looks is another', async () => {
    const { before, finish, after } = await aClaimedCall('miscounted', { attempts: 2 });
    expect(await finish(AVAILABLE, 1)).toBe(false);
    expect(await after()).toEqual(before);
  });

  it('leaves an erased call alone', async () => {
    const { lease, finish } = await aClaimedCall('erased');
    const stub = { _id: `erased:${callId}`, erasedAt: NOW, revision: 2 };
    const calls = test.db.collection<{ _id: string }>('calls');
    await calls.replaceOne({ _id: stub._id }, stub);
    expect(await finish(AVAILABLE)).toBe(false);
    expect(await test.store.transcripts.defer({ ...lease, until: LATER, reason: 'on hold' })).toBe(false);
    expect(await test.store.transcripts.saveAnalysis({ ...lease, analysis: ANALYSIS })).toBe(false);
    expect(await calls.findOne({ _id: stub._id })).toEqual(stub);
  });
});

describe('deferring a look', () => {
  it('makes it due again, and counts neither the look nor a change of the call', async () => {
    const { before, lease, after } = await aClaimedCall('deferred', { attempts: 4 });
    const until = minutesFrom(NOW, 90);
    expect(await test.store.transcripts.defer({ ...lease, until, reason: 'on hold: $429' })).toBe(true);
    expect(await after()).toEqual({
      ...before,
      transcript: { ...before.transcript, nextAttemptAt: until, reason: 'on hold: $429' },
    });
  });
});

const ANALYSIS: TranscriptAnalysis = {
  summary: '$ummary',
  sentiment: { label: 'positive', score: 0.42, agent: null, caller: { label: null, score: -1 } },
};

describe('saving an analysis', () => {
  it('stores it, and counts as a change only if it differs', async () => {
    const { before, lease, after } = await aClaimedCall('analysis');
    const save = (analysis: TranscriptAnalysis) => test.store.transcripts.saveAnalysis({ ...lease, analysis });
    expect(await save(ANALYSIS)).toBe(true);
    const saved = await after();
    const transcript = { ...before.transcript, analysis: ANALYSIS };
    expect(saved).toEqual({ ...before, transcript, updatedAt: CHANGED });
    expect(saved.updatedAt.getTime()).toBeGreaterThan(before.updatedAt.getTime());
    expect(await save(ANALYSIS)).toBe(false);
    expect(await after()).toEqual(saved);
    expect(await save({ summary: null, sentiment: null })).toBe(true);
    expect((await after()).transcript.analysis).toEqual({ summary: null, sentiment: null });
  });

  it('plans the next request, or none, unless the lease is lost', async () => {
    const { lease, finish, after } = await aClaimedCall('planned');
    await finish({ ...AVAILABLE, nextAttemptAt: lease.leasedUntil });
    const held = await after();
    const finishAnalysis = (nextAttemptAt: Date | null) =>
      test.store.transcripts.finishAnalysis({ ...lease, nextAttemptAt });
    expect(await finishAnalysis(LATER)).toBe(true);
    expect(await after()).toEqual({ ...held, transcript: { ...held.transcript, nextAttemptAt: LATER } });
    expect(await finishAnalysis(null), 'the lease is gone').toBe(false);
  });

  it('does not interfere with a look', async () => {
    const { lease, finish, after } = await aClaimedCall('both');
    await test.store.transcripts.saveAnalysis({ ...lease, analysis: ANALYSIS });
    expect(await finish(AVAILABLE)).toBe(true);
    expect((await after()).transcript).toMatchObject({ ...HELD, analysis: ANALYSIS });
  });
});

describe('retrying transcripts', () => {
  it('makes all of a status due, and keeps the count of their looks', async () => {
    const aDocument = callDocuments('retry');
    const ended = { attempts: 9, nextAttemptAt: null, reason: 'nothing came' } as const;
    await insertCalls(test.db, [
      aDocument('EXPIRED-1', { transcript: { ...ended, status: 'expired' } }),
      aDocument('EXPIRED-2', { transcript: { ...ended, status: 'expired', lane: 'old' } }),
      aDocument('GONE', { transcript: { ...ended, status: 'gone' } }),
      callDocuments('another')('EXPIRED', { transcript: { ...ended, status: 'expired' } }),
    ]);
    const untouched = await Promise.all(['retry:GONE', 'another:EXPIRED'].map((id) => storedCall(test.db, id)));
    expect(await test.store.transcripts.retry({ account: 'retry', status: 'expired', now: LATER })).toBe(2);
    for (const [id, lane] of [['EXPIRED-1', 'fresh'] as const, ['EXPIRED-2', 'old'] as const]) {
      const { transcript, revision, updatedAt } = await storedCall(test.db, `retry:${id}`);
      expect(transcript).toMatchObject({ status: 'pending', lane, attempts: 9, nextAttemptAt: LATER, reason: null });
      expect({ revision, updatedAt }).toEqual({ revision: 1, updatedAt: CHANGED });
    }
    expect(await Promise.all(['retry:GONE', 'another:EXPIRED'].map((id) => storedCall(test.db, id)))).toEqual(
      untouched,
    );
    expect(await test.store.transcripts.retry({ account: 'retry', status: 'expired', now: LATER })).toBe(0);
  });

  it('can be limited to calls that were refused in a lane since an instant', async () => {
    const aDocument = callDocuments('refused');
    const forbidden = (forbiddenAt: Date, lane: 'fresh' | 'old' = 'old') =>
      ({ status: 'forbidden', lane, nextAttemptAt: null, forbiddenAt }) as const;
    const since = minutesFrom(NOW, -10);
    const documents = [
      aDocument('BEFORE', { transcript: forbidden(minutesFrom(NOW, -11)) }),
      aDocument('FIRST', { transcript: forbidden(since) }),
      aDocument('LAST', { transcript: forbidden(NOW) }),
      aDocument('FRESH', { transcript: forbidden(NOW, 'fresh') }),
    ];
    await insertCalls(
      test.db,
      documents.map((document) => ({ ...document, updatedAt: LATER })),
    );
    const retry = { account: 'refused', status: 'forbidden', refused: { lane: 'old', since }, now: LATER } as const;

    expect(await test.store.transcripts.retry(retry)).toBe(2);

    for (const callId of ['FIRST', 'LAST']) {
      const { transcript } = await storedCall(test.db, `refused:${callId}`);
      expect(transcript).toMatchObject({ status: 'pending', nextAttemptAt: LATER });
    }
    expect(await test.store.transcripts.retry(retry)).toBe(0);
  });

  it('keeps stored turns if the newer answer cannot be read', async () => {
    const held = { ...HELD, status: 'available', attempts: 1, nextAttemptAt: null } as const;
    const kept = { ...held, turns: [], reason: 'unknown-shape' } as const;
    await insertCalls(test.db, [
      callDocuments('better')('TURNS', { transcript: held }),
      callDocuments('better')('TEXT', { transcript: kept }),
    ]);
    await test.store.transcripts.retry({ account: 'better', status: 'available', now: NOW });
    const claim = { account: 'better', now: NOW, leaseMs: LEASE_MS, limit: 2 };
    const { leasedUntil } = await test.store.transcripts.claim(claim);
    const outcome = {
      status: 'available',
      text: '$new',
      turns: [],
      fetchedAt: LATER,
      reason: 'unknown-shape',
    } as const;
    for (const id of ['TURNS', 'TEXT']) {
      const look = { account: 'better', callId: id, leasedUntil, attempts: 1, outcome, now: LATER };
      expect(await test.store.transcripts.finishLook(look)).toBe(true);
    }

    const states = await Promise.all(
      ['TURNS', 'TEXT'].map(async (id) => (await storedCall(test.db, `better:${id}`)).transcript),
    );
    const reason = 'kept: the newer answer is of unknown shape';
    expect(states[0]).toEqual({ ...held, lane: 'fresh', attempts: 2, reason });
    expect(states[1]).toEqual({ ...outcome, lane: 'fresh', attempts: 2, nextAttemptAt: null });
  });

  it('keeps a stored transcript until there is another, even if the source no longer has one', async () => {
    const held = { ...HELD, status: 'available', attempts: 1, nextAttemptAt: null } as const;
    await insertCalls(test.db, [callDocuments('held')(callId, { transcript: held })]);
    expect(await test.store.transcripts.retry({ account: 'held', status: 'available', now: NOW })).toBe(1);
    const { leasedUntil } = await test.store.transcripts.claim({
      account: 'held',
      now: NOW,
      leaseMs: LEASE_MS,
      limit: 1,
    });
    expect((await storedCall(test.db, 'held:CALL')).transcript).toMatchObject({ ...HELD, status: 'pending' });
    const look = { account: 'held', callId, leasedUntil, attempts: 1, now: LATER };
    expect(await test.store.transcripts.finishLook({ ...look, outcome: { status: 'gone', reason: 'gone: 410' } })).toBe(
      true,
    );
    expect((await storedCall(test.db, 'held:CALL')).transcript).toEqual({
      ...HELD,
      status: 'available',
      lane: 'fresh',
      attempts: 2,
      nextAttemptAt: null,
      reason: 'gone: 410',
    });
  });

  it('counts each call once, however many retry at once', async () => {
    const aDocument = callDocuments('crowd');
    const gone = { status: 'gone', nextAttemptAt: null } as const;
    await insertCalls(
      test.db,
      Array.from({ length: 50 }, (_, index) => aDocument(`C${index}`, { transcript: gone })),
    );
    const retries = [1, 2, 3, 4].map(() =>
      test.store.transcripts.retry({ account: 'crowd', status: 'gone', now: NOW }),
    );
    expect((await Promise.all(retries)).reduce((sum, count) => sum + count, 0)).toBe(50);
  });
});
