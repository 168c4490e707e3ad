import type { TranscriptAnalysis, TranscriptTurn } from './transcript.js';

/**
 * A source's answer to one look at a call's transcript. A `reason` is a fixed text that begins with the kind; it quotes
 * nothing of the answer.
 *
 * - `ready`: the whole conversation; `text` has one line per turn, `agent: …`
 * - `unknown-shape`: an answer that cannot be read as turns; `text` is the answer as received. If `isBlank`, it
 *   contains nothing, so the transcript may not be ready yet
 * - `not-ready`: there is no transcript, or none yet; the source does not say which
 * - `not-ended`: the call is not over, so nothing was requested
 * - `forbidden`: the transcript is at an address that must not be requested
 * - `gone`: the source no longer has the transcript
 * - `too-large`: the transcript is over a cap
 * - `garbled`: a proxy's page, a transfer that broke off, or no text; another request may succeed. `text` is the part
 *   of a transcript that arrived
 * - `refused`: an error about this call
 */
export type TranscriptAnswer =
  | { readonly kind: 'ready'; readonly text: string; readonly turns: readonly TranscriptTurn[] }
  | { readonly kind: 'unknown-shape'; readonly text: string; readonly isBlank: boolean }
  | { readonly kind: 'garbled'; readonly reason: string; readonly text?: string }
  | {
      readonly kind: 'not-ready' | 'not-ended' | 'forbidden' | 'gone' | 'too-large' | 'refused';
      readonly reason: string;
      /** Set if no request was needed to find this out, so that it proves nothing about the account. */
      readonly unasked?: true;
    };

/**
 * A source's answer to a request for its analysis of a call. Reasons are as in {@link TranscriptAnswer}.
 *
 * - `analysis`: if `none`, there will never be a transcript; else there is a summary, a sentiment or both
 * - `pending`: the call is not analysed yet
 * - `garbled`: as in {@link TranscriptAnswer}
 * - `too-large`: the analysis is over a cap
 * - `not-applicable`: the account has no analyses
 */
export type AnalysisAnswer =
  | {
      readonly kind: 'analysis';
      readonly analysis: TranscriptAnalysis;
      readonly none: boolean;
      /** The reason why there is no transcript; null if it may exist. */
      readonly reason: string | null;
    }
  | { readonly kind: 'pending' | 'garbled' | 'too-large' | 'not-applicable'; readonly reason: string };

/**
 * A request without an answer about the call.
 *
 * - `hold`: the source must not be asked before `until`
 * - `denied`: the source refused the request with this HTTP status
 * - `no-answer`: the source could not be reached, or gave no usable answer
 */
export type Unanswered =
  | { readonly kind: 'hold'; readonly until: Date; readonly reason: string }
  | { readonly kind: 'denied'; readonly status: number | null }
  | { readonly kind: 'no-answer'; readonly reason: string };

/** True if the source was asked and answered, which shows that it accepts the token and does not refuse the lane. */
export function isAnswered(answer: TranscriptAnswer | Unanswered): boolean {
  return !['hold', 'denied', 'no-answer'].includes(answer.kind) && !('unasked' in answer);
}
