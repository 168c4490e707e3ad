/** What became of a call's transcript. Only `pending` is looked for again. */
export type TranscriptStatus =
  'pending' | 'available' | 'none' | 'forbidden' | 'gone' | 'expired' | 'too_large' | 'off';

export interface TranscriptTurn {
  readonly speaker: string;
  readonly text: string;
}

export interface TranscriptState {
  readonly status: TranscriptStatus;
  /** A fresh call's transcript is looked for before an old one's. */
  readonly lane: 'fresh' | 'old';
  /** Looks made so far. */
  readonly attempts: number;
  /** Null where no further look is due. */
  readonly nextAttemptAt: Date | null;
  readonly fetchedAt: Date | null;
  readonly text: string | null;
  readonly turns: readonly TranscriptTurn[];
  /** Why there is no transcript, for a person to read. */
  readonly reason: string | null;
}

export interface TranscriptPolicy {
  readonly enabled: boolean;
  /** Transcripts of older calls are not looked for; null where age does not matter. */
  readonly maxAgeMs: number | null;
  /** When to look, counted from the call's end. */
  readonly delaysMs: readonly number[];
  /** When to look for the last time, counted from the call's end. */
  readonly deadlineMs: number;
}

/**
 * The transcript of a call document being made. Looks are counted from the call's end, or from `createdAt` where the end
 * is not known. The first is due at once where its time has passed.
 */
export function firstTranscriptState({
  startedAt,
  durationSeconds,
  createdAt,
  policy,
}: {
  startedAt: Date | null;
  durationSeconds: number | null;
  createdAt: Date;
  policy: TranscriptPolicy;
}): TranscriptState {
  const createdMs = createdAt.getTime();
  const endedMs = endOf(startedAt, durationSeconds);
  const countedFromMs = endedMs ?? createdMs;
  const reason = reasonForNone({ ageMs: createdMs - (endedMs ?? startedAt?.getTime() ?? createdMs), policy });
  const firstLookMs = countedFromMs + (policy.delaysMs[0] ?? policy.deadlineMs);
  return {
    status: reason === null ? 'pending' : 'off',
    lane: createdMs <= countedFromMs + policy.deadlineMs ? 'fresh' : 'old',
    attempts: 0,
    nextAttemptAt: reason === null ? new Date(Math.max(firstLookMs, createdMs)) : null,
    fetchedAt: null,
    text: null,
    turns: [],
    reason,
  };
}

function endOf(startedAt: Date | null, durationSeconds: number | null): number | null {
  if (startedAt === null || durationSeconds === null) return null;
  return startedAt.getTime() + durationSeconds * 1000;
}

function reasonForNone({ ageMs, policy }: { ageMs: number; policy: TranscriptPolicy }): string | null {
  if (!policy.enabled) return 'transcripts are turned off for this account';
  const isTooOld = policy.maxAgeMs !== null && ageMs > policy.maxAgeMs;
  return isTooOld ? 'the call is older than the maximum age for transcripts' : null;
}
