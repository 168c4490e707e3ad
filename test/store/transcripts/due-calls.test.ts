import { randomUUID } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { CallDocument } from '../../../src/store/calls/call-document.js';
import { DueCalls } from '../../../src/store/transcripts/due-calls.js';
import { NOW, callDocuments, insertCalls } from '../../support/pending-calls.js';
import { useTestDatabase } from '../../support/test-database.js';

const test = useTestDatabase();

/** Gaps between due times: crowds in one millisecond, and hours. */
const secondsAgo = fc.oneof(
  fc.constantFrom(0, 60, 3_600),
  fc.integer({ min: 0, max: 100 }),
  fc.integer({ min: -1_000_000, max: 1_000_000 }),
);

const queries = fc.record({
  /** Due times of the calls that are stored from then on. */
  arriving: fc.array(secondsAgo, { maxLength: 12 }),
  limit: fc.integer({ min: 1, max: 6 }),
  secondsPassed: fc.integer({ min: 0, max: 100_000 }),
});

describe('finding due calls', () => {
  it('finds the longest due first, and all of them in the end, whenever calls arrive', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(queries, { minLength: 1, maxLength: 8 }), async (steps) => {
        const account = randomUUID();
        const aDocument = callDocuments(account);
        const calls = test.db.collection<CallDocument>('calls');
        const finder = new DueCalls(calls);
        const waiting = new Map<string, number>();
        let nowMs = NOW.getTime();
        for (const { arriving, limit, secondsPassed } of steps) {
          const documents = arriving.map((seconds) => {
            const nextAttemptAt = new Date(NOW.getTime() - seconds * 1_000);
            return aDocument(randomUUID(), { transcript: { nextAttemptAt } });
          });
          if (documents.length > 0) await insertCalls(test.db, documents);
          for (const { _id, transcript } of documents) waiting.set(_id, transcript.nextAttemptAt?.getTime() ?? 0);
          nowMs += secondsPassed * 1_000;

          const found = await finder.find({ account, lane: 'fresh', now: new Date(nowMs), limit });

          const due = [...waiting.values()].filter((dueMs) => dueMs <= nowMs).sort((a, b) => a - b);
          expect(found.map((id) => waiting.get(id))).toEqual(due.slice(0, limit));
          for (const id of found) waiting.delete(id);
          await calls.deleteMany({ _id: { $in: found } });
        }
      }),
      { numRuns: 40 },
    );
  });
});
