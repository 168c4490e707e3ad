import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { firstTranscriptState, nextLookAt, type TranscriptPolicy } from '../../../src/domain/transcripts/transcript.js';

const DAY_MS = 86_400_000;

const policies: fc.Arbitrary<TranscriptPolicy> = fc.record({
  enabled: fc.constant(true),
  maxAgeMs: fc.constant(null),
  delaysMs: fc.array(fc.integer({ min: 0, max: 4 * DAY_MS }), { maxLength: 10 }),
  deadlineMs: fc.integer({ min: 1, max: 3 * DAY_MS }),
});

const calls = fc
  .record({
    startedAt: fc.option(
      fc.date({ min: new Date('2020-01-01T00:00:00Z'), max: new Date('2030-01-01T00:00:00Z'), noInvalidDate: true }),
    ),
    durationSeconds: fc.option(fc.integer({ min: 0, max: 7_200 })),
    seenAfterMs: fc.integer({ min: 0, max: 4 * DAY_MS }),
    policy: policies,
  })
  .map(({ seenAfterMs, ...call }) => {
    const startedMs = call.startedAt?.getTime() ?? Date.UTC(2024, 0);
    return { ...call, createdAt: new Date(startedMs + (call.durationSeconds ?? 0) * 1000 + seenAfterMs) };
  });

type Call = Parameters<typeof firstTranscriptState>[0];

/** Lists the instants of all looks, each made `latenessMs` after it was due. */
function looksOf(call: Call, latenessMs: (look: number) => number): { due: number[]; made: number[] } {
  const due: number[] = [];
  const made: number[] = [];
  let next = firstTranscriptState(call).nextAttemptAt;
  while (next !== null) {
    due.push(next.getTime());
    const now = new Date(next.getTime() + latenessMs(due.length));
    made.push(now.getTime());
    next = nextLookAt({ ...call, now });
  }
  return { due, made };
}

function deadlineOf({ startedAt, durationSeconds, createdAt, policy }: Call): number {
  const isEndKnown = startedAt !== null && durationSeconds !== null;
  return (isEndKnown ? startedAt.getTime() + durationSeconds * 1000 : createdAt.getTime()) + policy.deadlineMs;
}

describe('the looks for a transcript that never comes', () => {
  it('are one per delay and one at the deadline at most, each later than the one before', () => {
    fc.assert(
      fc.property(calls, (call) => {
        const { due } = looksOf(call, () => 0);

        expect(due.length).toBeLessThanOrEqual(call.policy.delaysMs.length + 1);
        expect(due).toEqual([...new Set(due)].sort((a, b) => a - b));
      }),
    );
  });

  it('end exactly at the deadline if it had not passed when the call was first seen', () => {
    fc.assert(
      fc.property(calls, (call) => {
        fc.pre(call.createdAt.getTime() <= deadlineOf(call));

        expect(looksOf(call, () => 0).due.at(-1)).toBe(deadlineOf(call));
      }),
    );
  });

  it('are exactly one, at once, if the deadline had passed when the call was first seen', () => {
    fc.assert(
      fc.property(calls, (call) => {
        fc.pre(call.createdAt.getTime() > deadlineOf(call));

        expect(looksOf(call, () => 0).due).toEqual([call.createdAt.getTime()]);
      }),
    );
  });

  it('are as few, ordered, and never due after the deadline, however late each is made', () => {
    const lateness = fc.func(fc.integer({ min: 0, max: DAY_MS }));
    fc.assert(
      fc.property(calls, lateness, (call, latenessMs) => {
        fc.pre(call.createdAt.getTime() <= deadlineOf(call));
        const { due, made } = looksOf(call, latenessMs);

        expect(due.length).toBeLessThanOrEqual(call.policy.delaysMs.length + 1);
        expect(Math.max(...due)).toBeLessThanOrEqual(deadlineOf(call));
        expect(made.at(-1)).toBeGreaterThanOrEqual(deadlineOf(call));
        expect(due.slice(1).every((instant, index) => instant > (made[index] ?? Infinity))).toBe(true);
      }),
    );
  });
});
