import { count } from '../count.js';

/** Status of a call's transcript. Only `pending` leads to another look; `available` to a request for its analysis. */
export type TranscriptStatus =
  'pending' | 'available' | 'none' | 'forbidden' | 'gone' | 'expired' | 'too_large' | 'off';

export interface TranscriptTurn {
  readonly speaker: string;
  readonly text: string;
}

/** The source's rating of the mood of a conversation, or of one side of it. */
export interface Sentiment {
  readonly label: string | null;
  readonly score: number | null;
}

/** The source's analysis of a call. A field is null if the source does not state it. */
export interface TranscriptAnalysis {
  /** Set if the analysis is too large to store: it is not asked for again. */
  readonly status?: 'too_large';
  readonly summary: string | null;
  /** Label and score of the whole conversation, then of each side. */
  readonly sentiment: (Sentiment & { readonly agent: Sentiment | null; readonly caller: Sentiment | null }) | null;
}

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

export interface TranscriptState {
  readonly status: TranscriptStatus;
  readonly lane: TranscriptLane;
  /** Looks made so far. */
  readonly attempts: number;
  /** Time of the next look: for the transcript while it is pending, else for its analysis. Null if none is planned. */
  readonly nextAttemptAt: Date | null;
  readonly fetchedAt: Date | null;
  readonly text: string | null;
  readonly turns: readonly TranscriptTurn[];
  /** Explains to a person why there is no transcript, or no newer one. {@link UNKNOWN_SHAPE} is about `text`. */
  readonly reason: string | null;
  /** Instant at which the source last refused the transcript. */
  readonly forbiddenAt?: Date;
  readonly analysis?: TranscriptAnalysis;
}

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

/** All statuses, in the order in which they are shown. */
const STATUSES: readonly TranscriptStatus[] = [
  'available',
  'pending',
  'none',
  'expired',
  'forbidden',
  'gone',
  'too_large',
  'off',
];

/** Formats counts as one line, "1,503 available, 12 pending"; empty if all are 0. */
export function transcriptCountsLine(counts: Readonly<Partial<Record<TranscriptStatus, number>>>): string {
  return STATUSES.flatMap((status) => {
    const calls = counts[status] ?? 0;
    return calls === 0 ? [] : [`${count(calls)} ${status}`];
  }).join(', ');
}
