import { mayBeGoingOn } from '../call.js';
import type { AnalysisAnswer, TranscriptAnswer, Unanswered } from './answers.js';
import {
  nextLookAt,
  UNKNOWN_SHAPE,
  type LookedForCall,
  type TranscriptAnalysis,
  type TranscriptTurn,
} from './transcript.js';

/** The most requests in one look. */
const REQUESTS_PER_LOOK = 3;
/** Number of earlier looks after which a garbled answer past the deadline is accepted as final. */
const GARBLED_LOOKS = 3;
const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;

/** The result of a look, as it is stored. A `pending` one found nothing yet. */
export type LookOutcome =
  | {
      readonly status: 'available';
      readonly text: string;
      readonly turns: readonly TranscriptTurn[];
      readonly fetchedAt: Date;
      /** Set if the text is the answer as received. A transcript that was stored before is then kept instead. */
      readonly reason?: typeof UNKNOWN_SHAPE;
      /** Time to ask for the analysis, if it is to be asked for. */
      readonly nextAttemptAt?: Date;
    }
  | { readonly status: 'pending'; readonly nextAttemptAt: Date; readonly reason: string }
  | { readonly status: 'none' | 'gone' | 'forbidden' | 'expired' | 'too_large'; readonly reason: string };

/** The change to store: the outcome of a look that counts, or the time to repeat one that does not count. */
export type LookDecision =
  | { readonly kind: 'count'; readonly outcome: LookOutcome }
  | { readonly kind: 'defer'; readonly until: Date; readonly reason: string };

/** A look whose request ended at `now`, with or without an answer. */
export interface LookUnderWay extends LookedForCall {
  /** Looks made before this one. */
  readonly attempts: number;
  readonly now: Date;
  /** End of the look's lease if the analysis is asked for next, else null. */
  readonly analysisBy: Date | null;
}

/** The outcome if the transcript is within its cap, but does not fit into the document next to the call's rows. */
export const NO_ROOM: LookOutcome = {
  status: 'too_large',
  reason: 'too-large: it does not fit into the document of its call',
};

/** The analysis stored in place of one that is too large. */
export const NO_ROOM_FOR_ANALYSIS: TranscriptAnalysis = { status: 'too_large', summary: null, sentiment: null };

/**
 * Returns the reason to repeat the request at once, within the look, since only the transfer may have failed; null if
 * it is not to be repeated. `request` is the number of this request, from 1.
 */
export function reasonToAskAgain(
  answer: TranscriptAnswer | AnalysisAnswer | Unanswered,
  request: number,
): string | null {
  if (answer.kind !== 'garbled' && answer.kind !== 'no-answer') return null;
  return request < REQUESTS_PER_LOOK ? answer.reason : null;
}

/**
 * Decides what an answer about a transcript changes in the call's document; `ask-analysis` if the analysis decides,
 * which can tell a late transcript from one that will never come.
 */
export function decideLook(
  answer: TranscriptAnswer | Unanswered,
  look: LookUnderWay,
): LookDecision | { readonly kind: 'ask-analysis'; readonly reason: string } {
  switch (answer.kind) {
    case 'ready':
      return held({ text: answer.text, turns: answer.turns }, look);
    case 'unknown-shape': {
      const mayFollow = answer.isBlank && nextLookAt(look) !== null;
      if (mayFollow) return notReady('not-ready: nothing in the answer', look);
      return held({ text: answer.text, turns: [], reason: UNKNOWN_SHAPE }, look);
    }
    case 'not-ready':
      return notReady(answer.reason, look);
    case 'not-ended':
      return notEnded(answer.reason, look);
    case 'garbled':
      return garbled(answer, look);
    case 'refused':
      return nothingYet(answer.reason, look);
    case 'forbidden':
    case 'gone':
      return count({ status: answer.kind, reason: answer.reason });
    case 'too-large':
      return count({ status: 'too_large', reason: answer.reason });
    case 'hold':
      return { kind: 'defer', until: answer.until, reason: answer.reason };
    case 'denied':
      if (answer.status === 403) return count({ status: 'forbidden', reason: 'forbidden: answered 403' });
      return nothingYet(`refused: answered ${answer.status ?? 'nothing'}`, look);
    case 'no-answer':
      return { kind: 'defer', until: afterOutage(look), reason: 'unavailable: the source did not answer' };
  }
}

/**
 * Decides what an answer about the analysis changes for a call whose transcript was not ready, for this reason. The
 * last look is repeated until there is an answer about the analysis.
 */
export function decideWithAnalysis(
  answer: AnalysisAnswer | Unanswered,
  { reason, ...look }: LookUnderWay & { readonly reason: string },
): LookDecision {
  if (answer.kind === 'analysis' && answer.none) {
    return count({ status: 'none', reason: answer.reason ?? 'none: the source says so' });
  }
  if (nextLookAt(look) === null) {
    if (answer.kind === 'garbled') return garbled(answer, look);
    if (answer.kind === 'hold') return { kind: 'defer', until: answer.until, reason };
    if (answer.kind === 'no-answer') return { kind: 'defer', until: afterOutage(look), reason };
  }
  return nothingYet(reason, look);
}

/** Returns when to ask again for the analysis of a transcript stored at `fetchedAt`; null for never. */
export function nextAnalysisAt(
  answer: AnalysisAnswer | Unanswered,
  { fetchedAt, ...look }: LookUnderWay & { readonly fetchedAt: Date | null },
): Date | null {
  switch (answer.kind) {
    case 'pending':
      return nextLookAt(look);
    case 'hold':
      return answer.until;
    case 'no-answer':
      return afterOutage(look);
    case 'garbled': {
      const isNew = look.now.getTime() - (fetchedAt ?? look.now).getTime() < HOUR_MS;
      return nextLookAt(look) ?? (isNew ? later(look, MINUTE_MS) : null);
    }
    default:
      return null;
  }
}

function held(
  transcript: Pick<Extract<LookOutcome, { status: 'available' }>, 'text' | 'turns' | 'reason'>,
  { now, analysisBy }: LookUnderWay,
): LookDecision {
  // The analysis stays due when the lease ends, so that it is asked for even if this run stops first.
  const next = analysisBy === null ? {} : { nextAttemptAt: analysisBy };
  return count({ status: 'available', ...transcript, fetchedAt: now, ...next });
}

function notReady(reason: string, look: LookUnderWay): ReturnType<typeof decideLook> {
  return look.analysisBy === null ? nothingYet(reason, look) : { kind: 'ask-analysis', reason };
}

/** Counts a look that found nothing; the last one expires the transcript. */
function nothingYet(reason: string, look: LookUnderWay): LookDecision {
  const nextAttemptAt = nextLookAt(look);
  return count(nextAttemptAt === null ? { status: 'expired', reason } : { status: 'pending', nextAttemptAt, reason });
}

/** Repeats the look, but accepts the answer in the end, keeping any text, so that no call is looked for for ever. */
function garbled({ reason, text }: { reason: string; text?: string }, look: LookUnderWay): LookDecision {
  const isLast = nextLookAt(look) === null && look.attempts >= GARBLED_LOOKS;
  if (isLast && text !== undefined) return held({ text, turns: [], reason: UNKNOWN_SHAPE }, look);
  if (isLast || nextLookAt(look) !== null) return nothingYet(reason, look);
  return count({ status: 'pending', nextAttemptAt: later(look, MINUTE_MS), reason });
}

/** Defers the look without counting it; expires the transcript of a call too old to be still running. */
function notEnded(reason: string, look: LookUnderWay): LookDecision {
  if (!mayBeGoingOn(look, look.now)) return count({ status: 'expired', reason });
  return { kind: 'defer', until: nextLookAt(look) ?? later(look, HOUR_MS), reason };
}

function afterOutage(look: LookUnderWay): Date {
  return later(look, 5 * MINUTE_MS);
}

function later({ now }: LookUnderWay, ms: number): Date {
  return new Date(now.getTime() + ms);
}

function count(outcome: LookOutcome): LookDecision {
  return { kind: 'count', outcome };
}
