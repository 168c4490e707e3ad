import { count } from '../count.js';

/** What became of a call's transcript. Only `pending` is looked for again, and the analysis of an `available` one. */
export type TranscriptStatus =
  'pending' | 'available' | 'none' | 'forbidden' | 'gone' | 'expired' | 'too_large' | 'off';

export interface TranscriptTurn {
  readonly speaker: string;
  readonly text: string;
}

/** How a conversation, or one side of it, felt to the source. */
export interface Sentiment {
  readonly label: string | null;
  readonly score: number | null;
}

/** What the source makes of a transcript. Null where it says nothing. */
export interface TranscriptAnalysis {
  /** Set where the analysis is too large to be stored: it is not asked for again. */
  readonly status?: 'too_large';
  readonly summary: string | null;
  /** Label and score of the whole conversation, then of each side. */
  readonly sentiment: (Sentiment & { readonly agent: Sentiment | null; readonly caller: Sentiment | null }) | null;
}

/** A fresh call's transcript is looked for before an old one's. */
export type TranscriptLane = 'fresh' | 'old';

export const TRANSCRIPT_LANES: readonly TranscriptLane[] = ['fresh', 'old'];

/** A call whose transcript is to be looked for under a lease. */
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
  /** When to look next: for the transcript while it is pending, else for its analysis. Null where no look is due. */
  readonly nextAttemptAt: Date | null;
  readonly fetchedAt: Date | null;
  readonly text: string | null;
  readonly turns: readonly TranscriptTurn[];
  /**
   * Why there is no transcript, or no newer one, for a person to read. {@link UNKNOWN_SHAPE} says what is in `text`.
   */
  readonly reason: string | null;
  /** When the source last refused it. */
  readonly forbiddenAt?: Date;
  readonly analysis?: TranscriptAnalysis;
}

export interface TranscriptPolicy {
  readonly enabled: boolean;
  /** Why they are not, where that is not the account's settings. */
  readonly offReason?: string;
  /** Transcripts of older calls are not looked for; null where age does not matter. */
  readonly maxAgeMs: number | null;
  /** When to look, counted from the call's end. */
  readonly delaysMs: readonly number[];
  /** When to look for the last time, counted from the call's end. */
  readonly deadlineMs: number;
}

/** What the looks for a call's transcript are counted from. */
export interface LookedForCall {
  readonly startedAt: Date | null;
  readonly durationSeconds: number | null;
  /** When the call's document was made. */
  readonly createdAt: Date;
  readonly policy: TranscriptPolicy;
}

/** The reason of an available transcript whose text is the answer as it came, because nobody can read it as turns. */
export const UNKNOWN_SHAPE = 'unknown-shape';

/**
 * The transcript of a call document being made. Looks are counted from the call's end, or from `createdAt` where the
 * end is not known. The first is due at once where its time has passed.
 */
export function firstTranscriptState(call: LookedForCall): TranscriptState {
  const { startedAt, createdAt, policy } = call;
  const createdMs = createdAt.getTime();
  const looksMs = looksFor(call);
  // Where no row states how long it took, the age of a call still counts from its start.
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
 * When to look again after a look at `now` that found nothing yet: at the first planned instant still to come, at the
 * deadline at last. Null once the deadline is reached: nothing more is expected.
 */
export function nextLookAt({ now, ...call }: LookedForCall & { now: Date }): Date | null {
  const next = looksFor(call).find((lookMs) => lookMs > now.getTime());
  return next === undefined ? null : new Date(next);
}

/** Instants in ascending order, the deadline last. */
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

/** In the order a reader asks for them. */
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

/** One line, as "1,503 available, 12 pending"; empty where nothing is counted. */
export function transcriptCountsLine(counts: Readonly<Partial<Record<TranscriptStatus, number>>>): string {
  return STATUSES.flatMap((status) => {
    const calls = counts[status] ?? 0;
    return calls === 0 ? [] : [`${count(calls)} ${status}`];
  }).join(', ');
}
