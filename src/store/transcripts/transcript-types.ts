import type { TranscriptState, TranscriptTurn, UNKNOWN_SHAPE } from '../../domain/transcripts/transcript.js';

/** A call whose transcript is to be looked for under a lease. */
export interface ClaimedCall {
  readonly callId: string;
  /** Looks made before this one. */
  readonly attempts: number;
  readonly lane: TranscriptState['lane'];
}

export interface Claim {
  readonly claimed: readonly ClaimedCall[];
  /**
   * Until then nobody else claims these calls. No other claim of the account has the same instant: it names the lease.
   */
  readonly leasedUntil: Date;
}

/** What a look for a transcript needs to know of its call. */
export interface TranscriptWork {
  readonly callId: string;
  readonly startedAt: Date | null;
  readonly durationSeconds: number | null;
  readonly createdAt: Date;
  readonly result: string | null;
  /** Where the source said the transcript is; null where it has it under the call's id. */
  readonly transcriptUrl: string | null;
  readonly transcript: Omit<TranscriptState, 'text' | 'turns'>;
}

/** What a look for a transcript came to. A `pending` one found nothing yet. */
export type LookOutcome =
  | {
      readonly status: 'available';
      readonly text: string;
      readonly turns: readonly TranscriptTurn[];
      readonly fetchedAt: Date;
      /** Set where the text is the answer as it came. One that was read before is kept instead. */
      readonly reason?: typeof UNKNOWN_SHAPE;
      /** When the analysis is asked for, if it is. */
      readonly nextAttemptAt?: Date;
    }
  | { readonly status: 'pending'; readonly nextAttemptAt: Date; readonly reason: string }
  | { readonly status: 'none' | 'gone' | 'forbidden' | 'expired' | 'too_large'; readonly reason: string };

/** How many of the newest transcripts nobody can read. */
export interface Readability {
  /** Transcripts looked at: those fetched last, 20 of them or all there are. */
  readonly looked: number;
  /** Of these, those kept as text because nobody can read them as turns. */
  readonly unreadable: number;
  /** When the first of the unreadable ones was fetched; null where there is none. */
  readonly since: Date | null;
}
