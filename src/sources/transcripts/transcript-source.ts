import type { TranscriptAnalysis, TranscriptTurn } from '../../domain/transcripts/transcript.js';

/** Whose transcript: the call id of the source, and what its document says where the source needs to know. */
export interface TranscriptRequest {
  readonly callId: string;
  /** The document's `result`. */
  readonly result?: string | null;
  /** Where the source said the transcript is, in its own field of the call. */
  readonly url?: string | null;
  readonly signal?: AbortSignal;
}

/**
 * What a source said to one look at a call's transcript. A `reason` is fixed words which begin with the kind, and
 * holds nothing of the answer.
 *
 * - `ready`: the whole conversation; `text` is one line per turn, `agent: …`
 * - `unknown-shape`: something nobody can read as turns; `text` is the answer as it came. One that `isBlank` says
 *   nothing, as may be said of a transcript which is not ready
 * - `not-ready`: there is none, or none yet, and the source does not say which
 * - `not-ended`: the call is not over, so that nothing was asked for yet
 * - `forbidden`: it is where it must not be asked for
 * - `gone`: there was one
 * - `too-large`: there is one, over a cap
 * - `garbled`: a proxy's page, a transfer that broke off or no text; asked again it may be one of the others
 * - `refused`: an error that is about this call
 */
export type TranscriptAnswer =
  | { readonly kind: 'ready'; readonly text: string; readonly turns: readonly TranscriptTurn[] }
  | { readonly kind: 'unknown-shape'; readonly text: string; readonly isBlank: boolean }
  | {
      readonly kind: 'not-ready' | 'not-ended' | 'forbidden' | 'gone' | 'too-large' | 'garbled' | 'refused';
      readonly reason: string;
      /** Set where this was clear without a request, so that it tells nothing of the account. */
      readonly unasked?: true;
    };

/**
 * What a source said of its analysis of a call. Reasons as in {@link TranscriptAnswer}.
 *
 * - `analysis`: with `none`, there will never be a transcript; else there is a summary, a sentiment or both
 * - `pending`: nothing can be told of this call yet
 * - `garbled`: as in {@link TranscriptAnswer}
 * - `too-large`: there is one, over a cap
 * - `not-applicable`: the account does not have it
 */
export type AnalysisAnswer =
  | {
      readonly kind: 'analysis';
      readonly analysis: TranscriptAnalysis;
      readonly none: boolean;
      /** Why there is none; null where there is one. */
      readonly reason: string | null;
    }
  | { readonly kind: 'pending' | 'garbled' | 'too-large' | 'not-applicable'; readonly reason: string };

/**
 * Where transcripts come from. Each function makes one request, and throws a SourceError, or `signal.reason` after an
 * abort.
 */
export interface TranscriptSource {
  fetchTranscript(request: TranscriptRequest): Promise<TranscriptAnswer>;
  /** Null where the source has no such thing. */
  readonly fetchAnalysis: ((request: TranscriptRequest) => Promise<AnalysisAnswer>) | null;
}
