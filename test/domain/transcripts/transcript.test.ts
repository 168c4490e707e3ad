import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  firstTranscriptState,
  nextLookAt,
  type TranscriptPolicy,
  transcriptCountsLine,
} from '../../../src/domain/transcripts/transcript.js';

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
const POLICY: TranscriptPolicy = {
  enabled: true,
  maxAgeMs: null,
  delaysMs: [2 * MINUTE_MS, 5 * MINUTE_MS],
  deadlineMs: 48 * HOUR_MS,
};
const STARTED_AT = new Date('2024-05-02T12:00:00Z');
const ENDED_AT = new Date('2024-05-02T12:10:00Z');

function after(instant: Date, ms: number): Date {
  return new Date(instant.getTime() + ms);
}

function state(createdAt: Date, policy: Partial<TranscriptPolicy> = {}) {
  return firstTranscriptState({
    startedAt: STARTED_AT,
    durationSeconds: 600,
    createdAt,
    policy: { ...POLICY, ...policy },
  });
}

describe('firstTranscriptState', () => {
  it('waits for the first look, counted from the end of the call', () => {
    expect(state(ENDED_AT)).toStrictEqual({
      status: 'pending',
      lane: 'fresh',
      attempts: 0,
      nextAttemptAt: new Date('2024-05-02T12:12:00Z'),
      fetchedAt: null,
      text: null,
      turns: [],
      reason: null,
    });
  });

  it('looks at once if the time of the first look has passed', () => {
    expect(state(after(ENDED_AT, HOUR_MS)).nextAttemptAt).toEqual(after(ENDED_AT, HOUR_MS));
  });

  it('is in the old lane once the deadline has passed', () => {
    expect(state(after(ENDED_AT, 48 * HOUR_MS)).lane).toBe('fresh');
    expect(state(after(ENDED_AT, 48 * HOUR_MS + 1))).toMatchObject({ lane: 'old', status: 'pending' });
  });

  it('is off for an account without transcripts', () => {
    expect(state(ENDED_AT, { enabled: false })).toMatchObject({ status: 'off', nextAttemptAt: null });
  });

  it('is off for a call that was older than the limit', () => {
    expect(state(after(ENDED_AT, HOUR_MS), { maxAgeMs: HOUR_MS }).status).toBe('pending');
    expect(state(after(ENDED_AT, HOUR_MS + 1), { maxAgeMs: HOUR_MS })).toMatchObject({
      status: 'off',
      nextAttemptAt: null,
      reason: 'the call is older than the maximum age for transcripts',
    });
  });

  it.each([
    ['start', null, 600, 'fresh'],
    ['duration', STARTED_AT, null, 'old'],
  ])('counts from the creation of the document if the %s is unknown', (_, startedAt, durationSeconds, lane) => {
    const createdAt = after(ENDED_AT, 1000 * HOUR_MS);

    const known = firstTranscriptState({ startedAt, durationSeconds, createdAt, policy: POLICY });

    // A call of long ago is old even if its duration is unknown: fresh ones go first.
    expect(known).toMatchObject({ lane, nextAttemptAt: after(createdAt, 2 * MINUTE_MS) });
  });

  it('counts the age of a call from its start if the duration is unknown', () => {
    const call = { startedAt: STARTED_AT, durationSeconds: null, createdAt: after(STARTED_AT, HOUR_MS + 1) };

    expect(firstTranscriptState({ ...call, policy: { ...POLICY, maxAgeMs: HOUR_MS } }).status).toBe('off');
  });

  it('looks once, at the deadline, if no delays are set', () => {
    expect(state(ENDED_AT, { delaysMs: [] }).nextAttemptAt).toEqual(after(ENDED_AT, 48 * HOUR_MS));
  });

  it('never looks before the document is made, nor before the first delay', () => {
    const instants = fc.date({ min: new Date(0), max: new Date('9999-12-31T00:00:00Z'), noInvalidDate: true });

    fc.assert(
      fc.property(
        instants,
        fc.integer({ min: 0, max: 999_999_999 }),
        instants,
        (startedAt, durationSeconds, createdAt) => {
          const { nextAttemptAt, lane } = firstTranscriptState({
            startedAt,
            durationSeconds,
            createdAt,
            policy: POLICY,
          });

          const endedMs = startedAt.getTime() + durationSeconds * 1000;
          expect(nextAttemptAt?.getTime()).toBe(Math.max(createdAt.getTime(), endedMs + 2 * MINUTE_MS));
          expect(lane).toBe(createdAt.getTime() > endedMs + 48 * HOUR_MS ? 'old' : 'fresh');
        },
      ),
    );
  });
});

describe('nextLookAt', () => {
  const next = (now: Date, policy: Partial<TranscriptPolicy> = {}) =>
    nextLookAt({
      startedAt: STARTED_AT,
      durationSeconds: 600,
      createdAt: ENDED_AT,
      policy: { ...POLICY, ...policy },
      now,
    });

  it('returns the next delay, and after the last one the deadline', () => {
    expect(next(after(ENDED_AT, 2 * MINUTE_MS))).toEqual(after(ENDED_AT, 5 * MINUTE_MS));
    expect(next(after(ENDED_AT, 5 * MINUTE_MS))).toEqual(after(ENDED_AT, 48 * HOUR_MS));
  });

  it('leaves out looks whose time has passed', () => {
    expect(next(after(ENDED_AT, HOUR_MS))).toEqual(after(ENDED_AT, 48 * HOUR_MS));
  });

  it('returns null once the deadline is reached', () => {
    expect(next(after(ENDED_AT, 48 * HOUR_MS))).toBeNull();
    expect(next(after(ENDED_AT, 1000 * HOUR_MS))).toBeNull();
  });

  it('counts from the creation of the document if the end of the call is unknown', () => {
    const call = { startedAt: STARTED_AT, durationSeconds: null, createdAt: after(ENDED_AT, 100 * HOUR_MS) };

    expect(nextLookAt({ ...call, policy: POLICY, now: after(call.createdAt, 3 * MINUTE_MS) })).toEqual(
      after(call.createdAt, 5 * MINUTE_MS),
    );
  });

  it('returns looks in order, whatever the order of the delays, and none after the deadline', () => {
    const policy = { delaysMs: [HOUR_MS, 3 * MINUTE_MS, 50 * HOUR_MS], deadlineMs: 2 * HOUR_MS };

    expect(next(ENDED_AT, policy)).toEqual(after(ENDED_AT, 3 * MINUTE_MS));
    expect(next(after(ENDED_AT, HOUR_MS), policy)).toEqual(after(ENDED_AT, 2 * HOUR_MS));
    expect(next(after(ENDED_AT, 2 * HOUR_MS), policy)).toBeNull();
  });
});

describe('transcriptCountsLine', () => {
  it('names the statuses in a fixed order, without those that no call has', () => {
    expect(transcriptCountsLine({ none: 3, pending: 0, available: 1_503 })).toBe('1,503 available, 3 none');
    expect(transcriptCountsLine({})).toBe('');
  });
});
