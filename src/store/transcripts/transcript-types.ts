import type { ClaimedCall, LookedForCall, TranscriptState } from '../../domain/transcripts/transcript.js';

export interface Claim {
  readonly claimed: readonly ClaimedCall[];
  /** No other claim gets these calls before this instant. It names the lease: no other claim of the account has it. */
  readonly leasedUntil: Date;
}

/** Fields of a call that a look for its transcript needs. */
export interface TranscriptWork extends Omit<LookedForCall, 'policy'> {
  readonly callId: string;
  readonly result: string | null;
  /** URL that the source gave for the transcript; null if the source has it under the call's id. */
  readonly transcriptUrl: string | null;
  readonly transcript: Omit<TranscriptState, 'text' | 'turns'>;
}

/** Projection of the fields of {@link TranscriptWork}. */
export const WORK = {
  _id: 0,
  callId: 1,
  startedAt: 1,
  durationSeconds: 1,
  createdAt: 1,
  result: 1,
  'credira.transcription_url': 1,
  'transcript.status': 1,
  'transcript.lane': 1,
  'transcript.attempts': 1,
  'transcript.nextAttemptAt': 1,
  'transcript.fetchedAt': 1,
  'transcript.reason': 1,
  'transcript.analysis': 1,
} as const;
