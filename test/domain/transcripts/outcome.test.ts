import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { AnalysisAnswer, TranscriptAnswer, Unanswered } from '../../../src/domain/transcripts/answers.js';
import {
  decideLook,
  decideWithAnalysis,
  nextAnalysisAt,
  reasonToAskAgain,
  type LookUnderWay,
} from '../../../src/domain/transcripts/outcome.js';

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
const DAY_MS = 24 * HOUR_MS;
const ENDED_AT = new Date('2025-06-02T18:00:00Z');
const TURNS = [{ speaker: 'agent', text: 'Hello' }];
const READY = { kind: 'ready', text: 'agent: Hello', turns: TURNS } as const;
const ON_HOLD = { kind: 'hold', until: afterEnd(7 * HOUR_MS), reason: '429 from the API of main' } as const;
const NO_ANSWER = { kind: 'no-answer', reason: 'GET /call: timed out' } as const;
const GARBLED = { kind: 'garbled', reason: 'garbled: half' } as const;

function afterEnd(ms: number): Date {
  return new Date(ENDED_AT.getTime() + ms);
}

/** The first look at a call, two minutes after its end. Looks are planned after two and five minutes, and two days. */
function aLook(changes: Partial<LookUnderWay> = {}): LookUnderWay {
  return {
    startedAt: afterEnd(-MINUTE_MS),
    durationSeconds: 60,
    createdAt: ENDED_AT,
    policy: { enabled: true, maxAgeMs: null, delaysMs: [2 * MINUTE_MS, 5 * MINUTE_MS], deadlineMs: 2 * DAY_MS },
    attempts: 0,
    now: afterEnd(2 * MINUTE_MS),
    analysisBy: null,
    ...changes,
  };
}

const PLANNED = afterEnd(5 * MINUTE_MS);
const LEASE_END = afterEnd(32 * MINUTE_MS);
const LATE = { now: afterEnd(2 * DAY_MS) };
const WITH_ANALYSIS = { analysisBy: LEASE_END };

interface Row {
  readonly answer: TranscriptAnswer | Unanswered;
  readonly when?: Partial<LookUnderWay>;
  /** The change to store; a look that is not counted has an `until`. */
  readonly then: object;
}

/** The rows of the table in docs/architecture.md. */
const TABLE: Record<string, Row> = {
  'a conversation': { answer: READY, then: { status: 'available', turns: TURNS, text: 'agent: Hello' } },
  'a conversation, whose analysis comes next': {
    answer: READY,
    when: WITH_ANALYSIS,
    then: { status: 'available', fetchedAt: afterEnd(2 * MINUTE_MS), nextAttemptAt: LEASE_END },
  },
  'a conversation, long after the deadline': {
    answer: READY,
    when: { now: afterEnd(900 * DAY_MS), attempts: 40 },
    then: { status: 'available', text: 'agent: Hello' },
  },
  'no transcript': {
    answer: { kind: 'not-ready', reason: 'not-ready: answered 404' },
    then: { status: 'pending', nextAttemptAt: PLANNED, reason: 'not-ready: answered 404' },
  },
  'no transcript, of an account with the analysis': {
    answer: { kind: 'not-ready', reason: 'not-ready: answered 404' },
    when: { ...LATE, ...WITH_ANALYSIS },
    then: { kind: 'ask-analysis', reason: 'not-ready: answered 404' },
  },
  'no transcript, at the deadline': {
    answer: { kind: 'not-ready', reason: 'not-ready: answered 404' },
    when: LATE,
    then: { status: 'expired', reason: 'not-ready: answered 404' },
  },
  'an empty answer': {
    answer: { kind: 'unknown-shape', text: '{}', isBlank: true },
    then: { status: 'pending', nextAttemptAt: PLANNED, reason: 'not-ready: nothing in the answer' },
  },
  'an empty answer, of an account with the analysis': {
    answer: { kind: 'unknown-shape', text: '{}', isBlank: true },
    when: WITH_ANALYSIS,
    then: { kind: 'ask-analysis', reason: 'not-ready: nothing in the answer' },
  },
  'an empty answer, at the deadline': {
    answer: { kind: 'unknown-shape', text: '{}', isBlank: true },
    when: LATE,
    then: { status: 'available', text: '{}', turns: [], reason: 'unknown-shape' },
  },
  'any other answer that cannot be read as turns': {
    answer: { kind: 'unknown-shape', text: '{"words":1}', isBlank: false },
    then: { status: 'available', text: '{"words":1}', turns: [], reason: 'unknown-shape' },
  },
  'an error with 200': {
    answer: { kind: 'refused', reason: 'refused: an error with status 200' },
    when: WITH_ANALYSIS,
    then: { status: 'pending', nextAttemptAt: PLANNED, reason: 'refused: an error with status 200' },
  },
  'another 4xx': {
    answer: { kind: 'denied', status: 400 },
    then: { status: 'pending', nextAttemptAt: PLANNED, reason: 'refused: answered 400' },
  },
  'another 4xx, at the deadline': {
    answer: { kind: 'denied', status: 400 },
    when: LATE,
    then: { status: 'expired', reason: 'refused: answered 400' },
  },
  'half an answer, for the third time': {
    answer: GARBLED,
    then: { status: 'pending', nextAttemptAt: PLANNED, reason: 'garbled: half' },
  },
  'half an answer, past the deadline': {
    answer: GARBLED,
    when: { ...LATE, attempts: 2 },
    then: { status: 'pending', nextAttemptAt: afterEnd(2 * DAY_MS + MINUTE_MS), reason: 'garbled: half' },
  },
  'half an answer, past the deadline and after three looks': {
    answer: GARBLED,
    when: { ...LATE, attempts: 3 },
    then: { status: 'expired', reason: 'garbled: half' },
  },
  'the part that arrived of an answer, past the deadline and after three looks': {
    answer: { ...GARBLED, text: '[{"agent":"Hel' },
    when: { ...LATE, attempts: 3 },
    then: { status: 'available', text: '[{"agent":"Hel', turns: [], reason: 'unknown-shape' },
  },
  '410': { answer: { kind: 'gone', reason: 'gone: answered 410' }, then: { status: 'gone' } },
  'over 4 MiB': { answer: { kind: 'too-large', reason: 'too-large: more' }, then: { status: 'too_large' } },
  '403': { answer: { kind: 'denied', status: 403 }, then: { status: 'forbidden', reason: 'forbidden: answered 403' } },
  'an address that must not be requested': {
    answer: { kind: 'forbidden', reason: 'forbidden: another host', unasked: true },
    then: { status: 'forbidden', reason: 'forbidden: another host' },
  },
  'a 401 or 429, which bring a hold': {
    answer: ON_HOLD,
    then: { until: ON_HOLD.until, reason: '429 from the API of main' },
  },
  'no answer in three attempts': {
    answer: NO_ANSWER,
    when: LATE,
    then: { until: afterEnd(2 * DAY_MS + 5 * MINUTE_MS), reason: 'unavailable: the source did not answer' },
  },
  'a call that is not over': {
    answer: { kind: 'not-ended', reason: 'not-ended: the call is not completed', unasked: true },
    then: { until: PLANNED, reason: 'not-ended: the call is not completed' },
  },
  'a call that is not over, past the deadline': {
    answer: { kind: 'not-ended', reason: 'not-ended: the call is not completed', unasked: true },
    when: LATE,
    then: { until: afterEnd(2 * DAY_MS + HOUR_MS) },
  },
  'a call that is not over after thirty days': {
    answer: { kind: 'not-ended', reason: 'not-ended: the call is not completed', unasked: true },
    when: { now: afterEnd(30 * DAY_MS) },
    then: { status: 'expired', reason: 'not-ended: the call is not completed' },
  },
};

describe('decides the transcript of a call after', () => {
  it.each(Object.entries(TABLE))('%s', (_answer, { answer, when, then }) => {
    const decision = decideLook(answer, aLook(when));

    expect(decision.kind === 'count' ? decision.outcome : decision).toMatchObject(then);
    expect(decision.kind === 'defer').toBe('until' in then);
  });
});

const instants = fc.date({ min: ENDED_AT, max: afterEnd(90 * DAY_MS), noInvalidDate: true });
const reason = fc.constant({ reason: 'why' });
const unanswered: fc.Arbitrary<Unanswered> = fc.oneof(
  instants.map((until) => ({ kind: 'hold', until, reason: 'why' }) as const),
  fc.constantFrom(null, 400, 403, 500).map((status) => ({ kind: 'denied', status }) as const),
  fc.constant(NO_ANSWER),
);
const answers: fc.Arbitrary<TranscriptAnswer | Unanswered> = fc.oneof(
  fc.constant(READY),
  fc.boolean().map((isBlank) => ({ kind: 'unknown-shape', text: '{}', isBlank }) as const),
  fc
    .tuple(
      fc.constantFrom('not-ready', 'not-ended', 'forbidden', 'gone', 'too-large', 'garbled', 'refused' as const),
      reason,
    )
    .map(([kind, because]) => ({ kind, ...because })),
  unanswered,
);
const analysisAnswers: fc.Arbitrary<AnalysisAnswer | Unanswered> = fc.oneof(
  fc
    .boolean()
    .map((none) => ({ kind: 'analysis', analysis: { summary: 's', sentiment: null }, none, reason: null }) as const),
  fc
    .constantFrom('pending', 'garbled', 'too-large', 'not-applicable' as const)
    .map((kind) => ({ kind, reason: 'why' })),
  unanswered,
);
const looks = fc
  .record({
    attempts: fc.nat({ max: 12 }),
    now: instants,
    startedAt: fc.option(fc.constant(afterEnd(-MINUTE_MS))),
    analysisBy: fc.option(fc.constant(LEASE_END)),
  })
  .map(aLook);

describe('a look', () => {
  it('stores every transcript that arrives, however late it is and however many looks there were', () => {
    fc.assert(
      fc.property(looks, (look) => {
        expect(decideLook(READY, look)).toMatchObject({
          kind: 'count',
          outcome: { status: 'available', text: READY.text, turns: TURNS, fetchedAt: look.now },
        });
      }),
    );
  });

  it('is counted if the source says anything about the call, and only then', () => {
    fc.assert(
      fc.property(answers, looks, (answer, look) => {
        const { kind } = decideLook(answer, look);

        if (answer.kind === 'hold' || answer.kind === 'no-answer') expect(kind).toBe('defer');
        else if (answer.kind !== 'not-ended') expect(kind).not.toBe('defer');
      }),
    );
  });

  it('is followed by a later one exactly while a transcript may still come', () => {
    fc.assert(
      fc.property(answers, looks, (answer, look) => {
        const decision = decideLook(answer, look);
        if (decision.kind !== 'count') return;
        const { outcome } = decision;

        if (outcome.status === 'pending') expect(outcome.nextAttemptAt.getTime()).toBeGreaterThan(look.now.getTime());
        if (outcome.status === 'expired')
          expect(look.now.getTime()).toBeGreaterThanOrEqual(afterEnd(2 * DAY_MS).getTime());
      }),
    );
  });

  it('repeats a request that may have failed in transfer, at most twice', () => {
    const asked = [1, 2, 3].map((request) => [
      reasonToAskAgain(GARBLED, request),
      reasonToAskAgain(NO_ANSWER, request),
    ]);

    expect(asked).toEqual([
      [GARBLED.reason, NO_ANSWER.reason],
      [GARBLED.reason, NO_ANSWER.reason],
      [null, null],
    ]);
    fc.assert(
      fc.property(answers, fc.integer({ min: 1, max: 3 }), (answer, request) => {
        if (answer.kind !== 'garbled' && answer.kind !== 'no-answer')
          expect(reasonToAskAgain(answer, request)).toBeNull();
      }),
    );
  });
});

describe('the analysis of a call whose transcript is not ready', () => {
  const decide = (answer: AnalysisAnswer | Unanswered, when: Partial<LookUnderWay> = {}) =>
    decideWithAnalysis(answer, { ...aLook(when), reason: 'not-ready: answered 404' });
  const none = { kind: 'analysis', analysis: { summary: null, sentiment: null }, none: true, reason: null } as const;

  it('ends the looks if there will never be a transcript', () => {
    const outcome = { status: 'none', reason: 'none: the source says so' };

    expect(decide(none)).toEqual({ kind: 'count', outcome });
    expect(decide(none, LATE)).toEqual({ kind: 'count', outcome });
    expect(decide({ ...none, reason: 'none: no_transcript' })).toMatchObject({
      outcome: { reason: 'none: no_transcript' },
    });
  });

  it('keeps the last look open until the analysis is answered', () => {
    expect(decide(ON_HOLD, LATE)).toMatchObject({ kind: 'defer', until: ON_HOLD.until });
    expect(decide(NO_ANSWER, LATE)).toMatchObject({ kind: 'defer', until: afterEnd(2 * DAY_MS + 5 * MINUTE_MS) });
    expect(decide(GARBLED, { ...LATE, attempts: 2 })).toMatchObject({ outcome: { status: 'pending' } });
    expect(decide(GARBLED, { ...LATE, attempts: 3 })).toMatchObject({ outcome: { status: 'expired' } });
  });

  it('changes nothing otherwise', () => {
    fc.assert(
      fc.property(analysisAnswers, looks, (answer, look) => {
        fc.pre(answer.kind !== 'analysis' || !answer.none);
        fc.pre(!['hold', 'no-answer', 'garbled'].includes(answer.kind));
        const withoutAnalysis = decideLook({ kind: 'not-ready', reason: 'why' }, { ...look, analysisBy: null });

        expect(decideWithAnalysis(answer, { ...look, reason: 'why' })).toEqual(withoutAnalysis);
      }),
    );
  });
});

describe('the analysis of a stored transcript', () => {
  const next = (answer: AnalysisAnswer | Unanswered, when: Partial<LookUnderWay> = {}) =>
    nextAnalysisAt(answer, { ...aLook(when), fetchedAt: afterEnd(2 * DAY_MS) });

  it('is asked for again at the planned looks while it is pending', () => {
    expect(next({ kind: 'pending', reason: 'why' })).toEqual(PLANNED);
    expect(next({ kind: 'pending', reason: 'why' }, LATE)).toBeNull();
  });

  it('is asked for again after a hold or an outage, at any time', () => {
    expect(next(ON_HOLD, LATE)).toEqual(ON_HOLD.until);
    expect(next(NO_ANSWER, LATE)).toEqual(afterEnd(2 * DAY_MS + 5 * MINUTE_MS));
  });

  it('is asked for again for an hour if it cannot be read', () => {
    expect(next(GARBLED)).toEqual(PLANNED);
    expect(next(GARBLED, { now: afterEnd(2 * DAY_MS + HOUR_MS - 1) })).toEqual(
      afterEnd(2 * DAY_MS + HOUR_MS + MINUTE_MS - 1),
    );
    expect(next(GARBLED, { now: afterEnd(2 * DAY_MS + HOUR_MS) })).toBeNull();
  });

  it.each([
    { kind: 'denied', status: 403 },
    { kind: 'too-large', reason: 'too-large: more' },
    { kind: 'not-applicable', reason: 'not-applicable: answered 404' },
    { kind: 'analysis', analysis: { summary: 's', sentiment: null }, none: false, reason: null },
  ] as const)('is never asked for again after $kind', (answer) => {
    expect(next(answer)).toBeNull();
  });
});
