import { describe, expect, it } from 'vitest';
import { NOW, callDocuments, insertCalls, minutesFrom } from '../support/pending-calls.js';
import { useTestDatabase } from '../support/test-database.js';

const test = useTestDatabase();

const startedAt = new Date('2024-05-01T00:00:00Z');

describe('the summary of transcripts', () => {
  it('is empty for an account without calls', async () => {
    expect(await test.store.transcripts.summary('nobody')).toEqual({
      byStatus: {},
      dueNow: 0,
      oldestPendingAt: null,
      unknownShape: 0,
      analysesToCome: 0,
      observedDelaySeconds: null,
    });
  });

  it('counts by status, what is due, and what has an unknown shape', async () => {
    const aDocument = callDocuments('mixed');
    await insertCalls(test.db, [
      aDocument('DUE', { startedAt: minutesFrom(startedAt, 2) }),
      aDocument('DUE-OLD', { startedAt: minutesFrom(startedAt, 1), transcript: { lane: 'old' } }),
      aDocument('LEASED', { transcript: { nextAttemptAt: minutesFrom(NOW, 30) } }),
      aDocument('SHAPE', { transcript: { status: 'available', reason: 'unknown-shape', nextAttemptAt: null } }),
      aDocument('NO-ANALYSIS', { transcript: { status: 'available', nextAttemptAt: minutesFrom(NOW, 5) } }),
      aDocument('WHOLE', { transcript: { status: 'available', nextAttemptAt: null } }),
      aDocument('OTHER-REASON', { transcript: { reason: 'unknown' } }),
      aDocument('ENDED', {
        startedAt,
        transcript: { status: 'expired', reason: 'unknown-shape', nextAttemptAt: null },
      }),
      callDocuments('mixed-too')('DUE', { startedAt }),
    ]);
    await test.db.collection<{ _id: string }>('calls').insertOne({ _id: 'mixed:ERASED' });
    expect(await test.store.transcripts.summary('mixed', NOW)).toEqual({
      byStatus: { pending: 4, available: 3, expired: 1 },
      dueNow: 3,
      oldestPendingAt: minutesFrom(startedAt, 1),
      unknownShape: 1,
      analysesToCome: 1,
      observedDelaySeconds: null,
    });
  });

  it('measures from the end of a call to its transcript', async () => {
    const aDocument = callDocuments('delays');
    const held = (seconds: number, durationSeconds: number | null = 60) =>
      aDocument(`C${seconds}/${String(durationSeconds)}`, {
        startedAt,
        durationSeconds,
        transcript: {
          status: 'available',
          nextAttemptAt: null,
          fetchedAt: new Date(startedAt.getTime() + 60_000 + seconds * 1_000),
        },
      });
    await insertCalls(test.db, [...Array.from({ length: 20 }, (_, index) => held(index + 1)), held(9_999, null)]);
    const { observedDelaySeconds } = await test.store.transcripts.summary('delays');
    expect(observedDelaySeconds).toEqual({ p50: 10, p95: 19 });
  });

  it('measures the newest 1,000 calls', async () => {
    const aDocument = callDocuments('newest');
    const documents = Array.from({ length: 1_060 }, (_, index) => {
      const ofCall = minutesFrom(startedAt, index);
      const fetchedAt = new Date(ofCall.getTime() + (index < 60 ? 3_600_000 : 5_000));
      const transcript = { status: 'available', nextAttemptAt: null, fetchedAt } as const;
      return aDocument(`C${index}`, { startedAt: ofCall, durationSeconds: 0, transcript });
    });
    await insertCalls(test.db, documents);
    const { observedDelaySeconds } = await test.store.transcripts.summary('newest');
    expect(observedDelaySeconds).toEqual({ p50: 5, p95: 5 });
  });
});
