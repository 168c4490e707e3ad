import { describe, expect, it } from 'vitest';
import { NOW, callDocuments, insertCalls, minutesFrom } from '../../support/pending-calls.js';
import { useTestDatabase } from '../../support/test-database.js';

const test = useTestDatabase();

const startedAt = new Date('2024-05-01T00:00:00Z');

async function summaryOf(account: string, now = NOW) {
  const {
    calls: _,
    newestStartedAt: __,
    readability: ___,
    countedAt: ____,
    ...summary
  } = await test.store.callCounts.read(account, now);
  return summary;
}

describe('the summary of transcripts', () => {
  it('is empty for an account without calls', async () => {
    expect(await summaryOf('nobody')).toEqual({
      byStatus: {},
      dueNow: 0,
      oldestPendingAt: null,
      unknownShape: 0,
      analysesToCome: 0,
      nextLookAt: null,
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
    expect(await summaryOf('mixed')).toEqual({
      byStatus: { pending: 4, available: 3, expired: 1 },
      dueNow: 3,
      oldestPendingAt: minutesFrom(startedAt, 1),
      unknownShape: 1,
      analysesToCome: 1,
      nextLookAt: minutesFrom(NOW, 5),
      observedDelaySeconds: null,
    });
  });

  it('measures the time from the end of a call to its transcript', async () => {
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
    const { observedDelaySeconds } = await summaryOf('delays');
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
    const { observedDelaySeconds } = await summaryOf('newest');
    expect(observedDelaySeconds).toEqual({ p50: 5, p95: 5 });
  });
});

describe('the readability of transcripts', () => {
  const fetched = (minutes: number, reason: string | null = null) =>
    ({ status: 'available', nextAttemptAt: null, fetchedAt: minutesFrom(NOW, minutes), reason }) as const;

  it('looks at none if none was fetched', async () => {
    await insertCalls(test.db, [callDocuments('none-yet')('PENDING', { transcript: { reason: 'unknown-shape' } })]);
    expect(await test.store.transcripts.readability('none-yet')).toEqual({ looked: 0, unreadable: 0, since: null });
  });

  it('looks at the 20 transcripts fetched last, whatever the order of their calls', async () => {
    const aDocument = callDocuments('readable');
    const older = [1, 2, 3].map((minutes) =>
      aDocument(`OLDER-${minutes}`, { transcript: fetched(minutes, 'unknown-shape') }),
    );
    const newer = Array.from({ length: 20 }, (_, index) => {
      const reason =
        index % 4 === 1 ? 'unknown-shape' : index % 4 === 2 ? 'kept: the newer answer is of unknown shape' : null;
      const startedAt = minutesFrom(NOW, -index);
      return aDocument(`NEWER-${index}`, { startedAt, transcript: fetched(10 + index, reason) });
    });
    await insertCalls(test.db, [
      ...newer,
      ...older,
      aDocument('AGAIN', { transcript: { ...fetched(90, 'unknown-shape'), status: 'pending' } }),
      callDocuments('another')('CALL', { transcript: fetched(95, 'unknown-shape') }),
    ]);
    expect(await test.store.transcripts.readability('readable')).toEqual({
      looked: 20,
      unreadable: 5,
      since: minutesFrom(NOW, 11),
    });
  });
});
