import type { TranscriptAnalysis, TranscriptTurn } from './transcript.js';

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
 * - `garbled`: a proxy's page, a transfer that broke off or no text; asked again it may be one of the others. `text` is
 *   what came of a transcript that broke off
 * - `refused`: an error that is about this call
 */
export type TranscriptAnswer =
  | { readonly kind: 'ready'; readonly text: string; readonly turns: readonly TranscriptTurn[] }
  | { readonly kind: 'unknown-shape'; readonly text: string; readonly isBlank: boolean }
  | { readonly kind: 'garbled'; readonly reason: string; readonly text?: string }
  | {
      readonly kind: 'not-ready' | 'not-ended' | 'forbidden' | 'gone' | 'too-large' | 'refused';
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
 * Why a source did not say anything.
 *
 * - `hold`: it must not be asked before `until`
 * - `denied`: it refuses the request, with this status
 * - `no-answer`: it could not be reached, or gave no usable answer
 */
export type Unanswered =
  | { readonly kind: 'hold'; readonly until: Date; readonly reason: string }
  | { readonly kind: 'denied'; readonly status: number | null }
  | { readonly kind: 'no-answer'; readonly reason: string };

/** Whether the source was asked and said something: then its token is accepted, and the call's lane is not refused. */
export function isAnswered(answer: TranscriptAnswer | Unanswered): boolean {
  return !['hold', 'denied', 'no-answer'].includes(answer.kind) && !('unasked' in answer);
}
