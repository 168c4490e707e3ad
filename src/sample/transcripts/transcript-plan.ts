import type { Conversation } from './conversation.js';

/**
 * What there is of a call's transcript once it is ready, and what the analysis says then:
 *
 * - `ready`: the conversation, with summary and sentiment
 * - `none`, `too-short`: nothing ever; the analysis says so
 * - `silent`: nothing ever, and the analysis is pending for ever
 * - `forbidden`: 403
 * - `gone`: 410
 * - `too-large`: a conversation of more than 4 MiB
 * - `unknown-shape`: JSON of a shape nobody has documented
 */
export type TranscriptFate =
  'ready' | 'none' | 'too-short' | 'silent' | 'forbidden' | 'gone' | 'too-large' | 'unknown-shape';

/** How a transcript that is not there is answered; undocumented. */
export type NotYet = '404' | 'empty-list' | '204' | 'error-with-200';

export interface TranscriptPlan extends Partial<Conversation> {
  readonly callId: string;
  /** `ready` by default. */
  readonly fate?: TranscriptFate;
  /** Before that it is not there yet; it always was by default. */
  readonly readyAt?: Date;
  /** Before that its analysis is pending; it comes with the transcript by default. */
  readonly analysisReadyAt?: Date;
  /** `404` by default. */
  readonly notYet?: NotYet;
}
