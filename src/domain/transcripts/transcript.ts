import { count } from '../count.js';
import {
  always,
  choice,
  counter,
  instant,
  listOf,
  absentOr,
  orNull,
  score,
  shaped,
  text,
  type ObjectOf,
} from '../document/field.js';

/** All statuses, in the order in which they are shown. Only `pending` leads to another look. */
export const TRANSCRIPT_STATUSES = [
  'available',
  'pending',
  'none',
  'expired',
  'forbidden',
  'gone',
  'too_large',
  'off',
] as const;
export type TranscriptStatus = (typeof TRANSCRIPT_STATUSES)[number];

const TURN = {
  name: 'TranscriptTurn',
  description: 'What one side said without interruption.',
  fields: {
    speaker: text('Side that speaks, in the source’s words.', 'agent'),
    text: text('Words spoken.', 'Good morning.'),
  },
} as const;
export type TranscriptTurn = ObjectOf<typeof TURN.fields>;

const SENTIMENT_FIELDS = {
  label: orNull(text('Label; null if not stated.', 'positive')),
  score: orNull(score('Score in the source’s scale; null if not stated.', 0.4)),
};

const SENTIMENT = {
  name: 'Sentiment',
  description: 'The source’s rating of the mood of one side.',
  fields: SENTIMENT_FIELDS,
};
/** The source's rating of the mood of a conversation, or of one side of it. */
export type Sentiment = ObjectOf<typeof SENTIMENT_FIELDS>;

const ANALYSIS = {
  name: 'TranscriptAnalysis',
  description: 'The source’s analysis of the call.',
  fields: {
    status: absentOr(always('too_large', 'Present if the analysis is too large to store: it is not asked for again.')),
    summary: orNull(text('Summary of the conversation; null if not stated.')),
    sentiment: orNull(
      shaped(
        {
          name: 'ConversationSentiment',
          description: 'The source’s rating of the mood of the whole conversation, then of each side.',
          fields: { ...SENTIMENT_FIELDS, agent: orNull(shaped(SENTIMENT)), caller: orNull(shaped(SENTIMENT)) },
        },
        'Mood of the conversation; null if not stated.',
      ),
    ),
  },
};
export type TranscriptAnalysis = ObjectOf<typeof ANALYSIS.fields>;

/** Queue of a call's transcript: fresh calls are looked for before old ones. */
export type TranscriptLane = 'fresh' | 'old';

export const TRANSCRIPT_LANES: readonly TranscriptLane[] = ['fresh', 'old'];

/** A call leased for one look for its transcript. */
export interface ClaimedCall {
  readonly callId: string;
  /** Looks made before this one. */
  readonly attempts: number;
  readonly lane: TranscriptLane;
}

const STATE_FIELDS = {
  status: choice(TRANSCRIPT_STATUSES, 'State of the search: only `pending` leads to another look.', 'available'),
  lane: choice(TRANSCRIPT_LANES, 'Queue of the search: fresh calls go before old ones.', 'fresh'),
  attempts: counter('Number of looks made so far.', 2),
  nextAttemptAt: orNull(
    instant('Time of the next look, for the transcript or then for its analysis; null if none is planned.'),
  ),
  fetchedAt: orNull(
    instant('Time at which the transcript was fetched; null if it was not.', '2024-05-02T17:05:00.000Z'),
  ),
  reason: orNull(text('Explanation of why there is no transcript, or no newer one; null if there is nothing to say.')),
  forbiddenAt: absentOr(instant('Time at which the source last refused the transcript.')),
};

const CONVERSATION_FIELDS = {
  text: orNull(text('The conversation; null if there is none.', 'agent: Good morning.\ncaller: Hello.')),
  turns: listOf(shaped(TURN), 'The conversation turn by turn; empty if its form is unknown.'),
};

/** The state of a call's transcript. */
export type TranscriptState = ObjectOf<typeof STATE_FIELDS & typeof CONVERSATION_FIELDS> & {
  readonly analysis?: TranscriptAnalysis;
};

/** The same as a reader of an export sees it: the conversation is there only if it was asked for. */
export const EXPORTED_TRANSCRIPT = {
  name: 'Transcript',
  description: 'The transcript of the call. `text`, `turns` and `analysis` are exported with `--transcripts` only.',
  fields: {
    ...STATE_FIELDS,
    text: absentOr(CONVERSATION_FIELDS.text),
    turns: absentOr(CONVERSATION_FIELDS.turns),
    analysis: absentOr(shaped(ANALYSIS, 'The source’s analysis of the call; absent if it has none.')),
  },
};

export interface TranscriptPolicy {
  readonly enabled: boolean;
  /** The reason why transcripts are off, unless the account's settings turn them off. */
  readonly offReason?: string;
  /** Age of a call above which its transcript is not looked for; null for any age. */
  readonly maxAgeMs: number | null;
  /** Times of the looks, counted from the call's end. */
  readonly delaysMs: readonly number[];
  /** Time of the last look, counted from the call's end. */
  readonly deadlineMs: number;
}

/** Facts that determine when a call's transcript is looked for. */
export interface LookedForCall {
  readonly startedAt: Date | null;
  readonly durationSeconds: number | null;
  /** Instant at which the call's document was made. */
  readonly createdAt: Date;
  readonly policy: TranscriptPolicy;
}

/** The reason of an available transcript whose text is the answer as received, since it cannot be read as turns. */
export const UNKNOWN_SHAPE = 'unknown-shape';

/**
 * Returns the transcript state of a new call document. Looks are counted from the call's end, or from `createdAt` if
 * the end is unknown. The first is due at once if its time has passed.
 */
export function firstTranscriptState(call: LookedForCall): TranscriptState {
  const { startedAt, createdAt, policy } = call;
  const createdMs = createdAt.getTime();
  const looksMs = looksFor(call);
  // If no row states a duration, the age of a call counts from its start.
  const ageMs = createdMs - (endOf(call) ?? startedAt?.getTime() ?? createdMs);
  const reason = reasonForNone({ ageMs, policy });
  return {
    status: reason === null ? 'pending' : 'off',
    lane: ageMs <= policy.deadlineMs ? 'fresh' : 'old',
    attempts: 0,
    nextAttemptAt: reason === null ? new Date(Math.max(createdMs, Math.min(...looksMs))) : null,
    fetchedAt: null,
    text: null,
    turns: [],
    reason,
  };
}

/**
 * Returns when to look again after a look at `now` that found nothing yet: at the next planned instant, of which the
 * deadline is the last. Null once the deadline is reached.
 */
export function nextLookAt({ now, ...call }: LookedForCall & { now: Date }): Date | null {
  const next = looksFor(call).find((lookMs) => lookMs > now.getTime());
  return next === undefined ? null : new Date(next);
}

/** Lists the instants of the looks in ascending order, in milliseconds; the deadline is the last. */
function looksFor(call: LookedForCall): number[] {
  const { delaysMs, deadlineMs } = call.policy;
  const countedFromMs = endOf(call) ?? call.createdAt.getTime();
  const beforeDeadline = delaysMs.filter((delayMs) => delayMs < deadlineMs).sort((a, b) => a - b);
  return [...beforeDeadline, deadlineMs].map((delayMs) => countedFromMs + delayMs);
}

function endOf({ startedAt, durationSeconds }: LookedForCall): number | null {
  if (startedAt === null || durationSeconds === null) return null;
  return startedAt.getTime() + durationSeconds * 1000;
}

function reasonForNone({ ageMs, policy }: { ageMs: number; policy: TranscriptPolicy }): string | null {
  if (!policy.enabled) return policy.offReason ?? 'transcripts are turned off for this account';
  const isTooOld = policy.maxAgeMs !== null && ageMs > policy.maxAgeMs;
  return isTooOld ? 'the call is older than the maximum age for transcripts' : null;
}

/** Formats counts as one line, "1,503 available, 12 pending"; empty if all are 0. */
export function transcriptCountsLine(counts: Readonly<Partial<Record<TranscriptStatus, number>>>): string {
  return TRANSCRIPT_STATUSES.flatMap((status) => {
    const calls = counts[status] ?? 0;
    return calls === 0 ? [] : [`${count(calls)} ${status}`];
  }).join(', ');
}
