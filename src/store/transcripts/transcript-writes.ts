import { type Document, BSON } from 'mongodb';
import type { LookOutcome } from '../../domain/transcripts/outcome.js';
import type { TranscriptStatus, TranscriptAnalysis } from '../../domain/transcripts/transcript.js';
import { ANALYSIS_CAP_BYTES, CONVERSATION_CAP_BYTES } from '../calls/call-caps.js';
import { StoreError } from '../errors.js';

type Available = Extract<LookOutcome, { status: 'available' }>;

/**
 * Changes fields of a call's transcript where the guard holds at that moment, and nothing at all where it does not: the
 * stub of an erased call has no transcript to pass a guard. The filter of such an update names the id alone, so that
 * the server finds the document by its key and counts as modified only what the guard let through.
 */
export function changingTranscript({
  guard,
  changes,
  updatedAt,
}: {
  guard: Document;
  /** Expressions by field of `transcript`. */
  changes: Document;
  /** Left out where the change is none to the reader of a call. */
  updatedAt?: Date;
}): Document[] {
  const changed = {
    transcript: { $mergeObjects: ['$transcript', changes] },
    ...(updatedAt === undefined ? {} : { updatedAt }),
  };
  return [{ $replaceWith: { $cond: [guard, { $mergeObjects: ['$$ROOT', changed] }, '$$ROOT'] } }];
}

export function isOfStatus(status: TranscriptStatus): Document {
  return { $eq: ['$transcript.status', status] };
}

/** Holds while nobody else has leased the call or written the outcome of a look since. */
export function isLeased(leasedUntil: Date): Document {
  return { $and: [isLookedFor(), { $eq: ['$transcript.nextAttemptAt', leasedUntil] }] };
}

export function isDue(now: Date): Document {
  const dueAt = '$transcript.nextAttemptAt';
  return { $and: [isLookedFor(), { $gt: [dueAt, null] }, { $lte: [dueAt, now] }] };
}

/** A pending transcript, or one that is held and whose analysis is not. */
function isLookedFor(): Document {
  return { $in: ['$transcript.status', ['pending', 'available']] };
}

/** Holds for a call that was not erased and has another analysis, or none. */
export function isAnalysisOtherThan(analysis: object): Document {
  return {
    $and: [{ $gt: ['$transcript.status', null] }, { $ne: ['$transcript.analysis', { $literal: analysis }] }],
  };
}

/** Field by field what a look at `now` makes of `transcript`. */
export function changesOf(outcome: LookOutcome, now: Date): Document {
  // Without $literal a text that begins with a dollar would be read as the name of a field.
  switch (outcome.status) {
    case 'available':
      return outcome.reason === undefined
        ? { $literal: { nextAttemptAt: null, ...outcome, reason: null } }
        : unlessBetterIsHeld({ nextAttemptAt: null, ...outcome });
    case 'pending':
      return { $literal: outcome };
    default:
      return {
        status: { $cond: [{ $gt: ['$transcript.fetchedAt', null] }, 'available', outcome.status] },
        nextAttemptAt: null,
        reason: { $literal: outcome.reason },
        ...(outcome.status === 'forbidden' && { forbiddenAt: now }),
      };
  }
}

/** An answer nobody can read does not take the place of turns. */
function unlessBetterIsHeld({
  status,
  nextAttemptAt,
  ...unreadable
}: Omit<Available, 'nextAttemptAt'> & { nextAttemptAt: Date | null }): Document {
  const kept = { status, nextAttemptAt, reason: 'kept: the newer answer is of unknown shape' };
  const isBetterHeld = { $gt: [{ $size: '$transcript.turns' }, 0] };
  return { $cond: [isBetterHeld, { $literal: kept }, { $literal: { status, nextAttemptAt, ...unreadable } }] };
}

/**
 * What a look came to, as it is stored: text and turns together take no more than their part of a document. The turns
 * repeat the text, so they are left out where both would take more.
 *
 * @throws StoreError, not retryable, where the text alone takes more
 */
export function withinConversationCap(doing: string, outcome: LookOutcome): LookOutcome {
  if (outcome.status !== 'available') return outcome;
  const { text, turns } = outcome;
  if (BSON.calculateObjectSize({ text, turns }) <= CONVERSATION_CAP_BYTES) return outcome;
  requireWithin(CONVERSATION_CAP_BYTES, { doing, part: { text, turns: [] }, what: 'the text' });
  return { ...outcome, turns: [] };
}

/** @throws StoreError, not retryable, where the analysis takes more than its part of a document */
export function requireWithinAnalysisCap(doing: string, analysis: TranscriptAnalysis): void {
  requireWithin(ANALYSIS_CAP_BYTES, { doing, part: analysis, what: 'the analysis' });
}

function requireWithin(capBytes: number, { doing, part, what }: { doing: string; part: object; what: string }): void {
  const bytes = BSON.calculateObjectSize(part);
  if (bytes <= capBytes) return;
  throw new StoreError(
    `MongoDB: ${doing} is refused: ${what} takes ${bytes} bytes of a document, ${capBytes} are allowed`,
    {
      retryable: false,
    },
  );
}
