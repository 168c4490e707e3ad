import type { ClaimedCall, LookedForCall, TranscriptState } from '../../domain/transcripts/transcript.js';

export interface Claim {
  readonly claimed: readonly ClaimedCall[];
  /**
   * Until then nobody else claims these calls. No other claim of the account has the same instant: it names the lease.
   */
  readonly leasedUntil: Date;
}

/** What a look for a transcript needs to know of its call. */
export interface TranscriptWork extends Omit<LookedForCall, 'policy'> {
  readonly callId: string;
  readonly result: string | null;
  /** Where the source said the transcript is; null where it has it under the call's id. */
  readonly transcriptUrl: string | null;
  readonly transcript: Omit<TranscriptState, 'text' | 'turns'>;
}
