import { type Document, BSON } from 'mongodb';
import type { LookOutcome } from '../../domain/transcripts/outcome.js';
import type { TranscriptStatus, TranscriptAnalysis } from '../../domain/transcripts/transcript.js';
import { ANALYSIS_CAP_BYTES, CONVERSATION_CAP_BYTES } from '../calls/call-caps.js';
import { CHANGED_NOW } from '../calls/change-stamp.js';
import { StoreError } from '../errors.js';

type Available = Extract<LookOutcome, { status: 'available' }>;

/**
 * Returns an update of fields of a call's transcript, which changes nothing if the guard fails at that moment. The stub
 * of an erased call has no transcript, so it passes no guard. The filter used with it names only the id, as for merges:
 * only what passed the guard counts as modified.
 */
export function changingTranscript({
  guard,
  changes,
  isSeen = false,
}: {
  guard: Document;
  /** Expressions, by field of `transcript`. */
  changes: Document;
  /** True if readers of the call see a change. */
  isSeen?: boolean;
}): Document[] {
  const changed = {
    transcript: { $mergeObjects: ['$transcript', changes] },
    ...(isSeen && { updatedAt: CHANGED_NOW }),
  };
  return [{ $replaceWith: { $cond: [guard, { $mergeObjects: ['$$ROOT', changed] }, '$$ROOT'] } }];
}

export function isOfStatus(status: TranscriptStatus): Document {
  return { $eq: ['$transcript.status', status] };
}

/** Returns a guard that passes while no other worker has leased the call, nor written the outcome of a look. */
export function isLeased(leasedUntil: Date): Document {
  return { $and: [isLookedFor(), { $eq: ['$transcript.nextAttemptAt', leasedUntil] }] };
}

export function isDue(now: Date): Document {
  const dueAt = '$transcript.nextAttemptAt';
  return { $and: [isLookedFor(), { $gt: [dueAt, null] }, { $lte: [dueAt, now] }] };
}

/** Returns a guard that passes for a pending transcript, and for a stored one, which may still lack its analysis. */
function isLookedFor(): Document {
  return { $in: ['$transcript.status', ['pending', 'available']] };
}

/** Returns a guard that passes for a call that is not erased and has another analysis, or none. */
export function isAnalysisOtherThan(analysis: object): Document {
  return {
    $and: [{ $gt: ['$transcript.status', null] }, { $ne: ['$transcript.analysis', { $literal: analysis }] }],
  };
}

/** Returns the changes that a look at `now` makes to `transcript`, by field. */
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

/** Keeps the stored turns, if there are any, rather than an answer whose turns cannot be read. */
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
 * Returns the outcome of a look as it is stored: text and turns together stay within their share of a document. The
 * turns repeat the text, so they are left out if both would take more.
 *
 * @throws StoreError, not retryable, if the text alone takes more
 */
export function withinConversationCap(doing: string, outcome: LookOutcome): LookOutcome {
  if (outcome.status !== 'available') return outcome;
  const { text, turns } = outcome;
  if (BSON.calculateObjectSize({ text, turns }) <= CONVERSATION_CAP_BYTES) return outcome;
  requireWithin(CONVERSATION_CAP_BYTES, { doing, part: { text, turns: [] }, what: 'the text' });
  return { ...outcome, turns: [] };
}

/** Checks the size of an analysis. @throws StoreError, not retryable, if it takes more than its share of a document */
export function requireWithinAnalysisCap(doing: string, analysis: TranscriptAnalysis): void {
  requireWithin(ANALYSIS_CAP_BYTES, { doing, part: analysis, what: 'the analysis' });
}

function requireWithin(capBytes: number, { doing, part, what }: { doing: string; part: object; what: string }): void {
  const bytes = BSON.calculateObjectSize(part);
  if (bytes <= capBytes) return;
  throw new StoreError(
    `MongoDB: ${doing} failed: ${what} takes ${bytes} bytes, and a document holds at most ${capBytes} bytes of it`,
    {
      retryable: false,
    },
  );
}
