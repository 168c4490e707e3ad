import type { WaitResult } from '../requests/account-hold.js';

/** One call whose transcript is due, as a dispatcher claimed it. */
export interface ClaimedCall {
  readonly callId: string;
  /** Looks made before this one. */
  readonly attempts: number;
  readonly lane: 'fresh' | 'old';
}

export interface ClaimTranscriptsInput {
  readonly account: string;
  /** Leaves the old ones for later. */
  readonly onlyFresh: boolean;
}

/** Calls of a lane that are not asked for now, due or not. */
export interface ShownRest {
  readonly lane: 'fresh' | 'old';
  /** ISO instant. */
  readonly until: string;
  readonly reason: string;
}

/**
 * Nothing is due where no call is claimed, except in the lanes that rest, and nothing else where not `isMoreDue`;
 * `poolSize` is how many to look for at once. `wait`: the account is on hold, or its transcripts are paused as a whole.
 */
export type ClaimTranscriptsResult =
  | {
      readonly outcome: 'claimed';
      readonly calls: readonly ClaimedCall[];
      readonly leasedUntil: string;
      readonly isMoreDue: boolean;
      readonly poolSize: number;
      readonly rests?: readonly ShownRest[];
    }
  | WaitResult;

export interface LookInput {
  readonly account: string;
  readonly callId: string;
  readonly attempts: number;
  /** Names the claim: whoever finds another instant in the document leaves the call alone. */
  readonly leasedUntil: string;
}

/**
 * What a look came to: a status of the document; `analysis` where the transcript was held already and only its analysis
 * was asked for; `deferred` where the source did not answer, which uses up no look; or
 * `skipped`, where the call is not (or no longer) this look's to make.
 */
export type LookOutcome =
  | 'available'
  | 'pending'
  | 'none'
  | 'forbidden'
  | 'gone'
  | 'expired'
  | 'too_large'
  | 'analysis'
  | 'deferred'
  | 'skipped';

export interface LookResult {
  readonly outcome: LookOutcome;
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
