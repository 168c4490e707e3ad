import type { LookOutcome } from '../../domain/transcripts/outcome.js';
import type { ClaimedCall, TranscriptLane } from '../../domain/transcripts/transcript.js';
import type { WaitResult } from '../requests/account-hold.js';

export interface ClaimTranscriptsInput {
  readonly account: string;
  /** Leaves the old ones for later. */
  readonly onlyFresh: boolean;
}

/** Calls of a lane that are not asked for now, due or not. */
export interface HeldLane {
  readonly lane: TranscriptLane;
  /** ISO instant. */
  readonly until: string;
  readonly reason: string;
}

/**
 * If no call is claimed, none is due except in lanes on hold; if not `isMoreDue`, none is due besides the claimed ones.
 * `poolSize` is how many to look for at once. `wait`: the account, or all its transcripts, are on hold.
 */
export type ClaimTranscriptsResult =
  | {
      readonly outcome: 'claimed';
      readonly calls: readonly ClaimedCall[];
      readonly leasedUntil: string;
      readonly isMoreDue: boolean;
      readonly poolSize: number;
      readonly rests?: readonly HeldLane[];
    }
  | WaitResult;

export interface LookInput {
  readonly account: string;
  readonly callId: string;
  /** Looks made before this one. */
  readonly attempts: number;
  /** Names the claim: whoever finds another instant in the document leaves the call alone. */
  readonly leasedUntil: string;
}

/**
 * What became of a look: the status it found; `analysis` if the transcript was held already and only its analysis was
 * asked for; `deferred` if the source did not answer, which uses up no look; or `skipped` if the call is not, or no
 * longer, this look's to make.
 */
export type LookReport = LookOutcome['status'] | 'analysis' | 'deferred' | 'skipped';

export interface LookResult {
  readonly outcome: LookReport;
  /**
   * Whether the analysis is to be asked for next: about a transcript just stored, or whether there will ever be one.
   */
  readonly ask: 'analysis' | null;
  /** Why the transcript is not ready, in fixed words. */
  readonly reason: string | null;
}

export interface AskAnalysisInput extends LookInput {
  /**
   * `stored`: the transcript is written, and the analysis adds to it. `not-ready`: the analysis decides what is
   * written.
   */
  readonly after: 'stored' | 'not-ready';
  /** Why the transcript is not ready. */
  readonly reason: string | null;
}
