import type { Conversation } from './conversation.js';

/**
 * Fate of a call's transcript once it is ready, and the answer of the analysis then:
 *
 * - `ready`: the conversation, with summary and sentiment
 * - `none`, `too-short`: never one, as the analysis reports
 * - `silent`: never one, and the analysis stays pending
 * - `forbidden`: 403
 * - `gone`: 410
 * - `too-large`: a conversation of more than 4 MiB
 * - `unknown-shape`: JSON of an undocumented shape
 */
export type TranscriptFate =
  'ready' | 'none' | 'too-short' | 'silent' | 'forbidden' | 'gone' | 'too-large' | 'unknown-shape';

/** Answer about a transcript that is not there; undocumented. */
export type NotYet = '404' | 'empty-list' | '204' | 'error-with-200';

export interface TranscriptPlan extends Partial<Conversation> {
  readonly callId: string;
  /** `ready` by default. */
  readonly fate?: TranscriptFate;
  /** Instant before which the transcript is not there; by default it always was. */
  readonly readyAt?: Date;
  /** Instant before which the analysis is pending; by default that of the transcript. */
  readonly analysisReadyAt?: Date;
  /** `404` by default. */
  readonly notYet?: NotYet;
}
