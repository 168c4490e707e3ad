import { mayBeGoingOn } from '../call.js';
import type { AnalysisAnswer, TranscriptAnswer, Unanswered } from './answers.js';
import {
  nextLookAt,
  UNKNOWN_SHAPE,
  type LookedForCall,
  type TranscriptAnalysis,
  type TranscriptTurn,
} from './transcript.js';

/** Requests of one look that may fail before the call is handed back. */
const REQUESTS_PER_LOOK = 3;
/** Looks that may end with an answer that cannot be read although the deadline is past. */
const GARBLED_LOOKS = 3;
const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;

/** What a look came to, as it is written. A `pending` one found nothing yet. */
export type LookOutcome =
  | {
      readonly status: 'available';
      readonly text: string;
      readonly turns: readonly TranscriptTurn[];
      readonly fetchedAt: Date;
      /** Set if the text is the answer as it came. One that was read before is kept instead. */
      readonly reason?: typeof UNKNOWN_SHAPE;
      /** When the analysis is asked for, if it is. */
      readonly nextAttemptAt?: Date;
    }
  | { readonly status: 'pending'; readonly nextAttemptAt: Date; readonly reason: string }
  | { readonly status: 'none' | 'gone' | 'forbidden' | 'expired' | 'too_large'; readonly reason: string };

/** What to write: the outcome of a look that counts, or when one that does not count is due again. */
export type LookDecision =
  | { readonly kind: 'count'; readonly outcome: LookOutcome }
  | { readonly kind: 'defer'; readonly until: Date; readonly reason: string };

/** A look whose request was answered at `now`, or not answered. */
export interface LookUnderWay extends LookedForCall {
  /** Looks made before this one. */
  readonly attempts: number;
  readonly now: Date;
  /** When the lease of the look ends if the analysis is asked for next, else null. */
  readonly analysisBy: Date | null;
}

/** The outcome if a document has no room for the transcript: within its cap, but not beside all rows of its call. */
export const NO_ROOM: LookOutcome = {
  status: 'too_large',
  reason: 'too-large: it does not fit into the document of its call',
};

/** What is stored in place of an analysis that is too large. */
export const NO_ROOM_FOR_ANALYSIS: TranscriptAnalysis = { status: 'too_large', summary: null, sentiment: null };

/**
 * Why to ask again at once, within the look, since the transfer may have gone wrong; null not to. `request` counts the
 * requests of the look.
 */
export function reasonToAskAgain(
  answer: TranscriptAnswer | AnalysisAnswer | Unanswered,
  request: number,
): string | null {
  if (answer.kind !== 'garbled' && answer.kind !== 'no-answer') return null;
  return request < REQUESTS_PER_LOOK ? answer.reason : null;
}

/**
 * What an answer about a transcript means for the call's document; `ask-analysis` if that is left to the analysis,
 * which can tell a transcript that is late from one that will never come.
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
 * What an answer about the analysis means for a call whose transcript was not ready, for this reason. The last look is
 * not over before the analysis has had its say.
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

/** When to ask for the analysis of a transcript again that is held since `fetchedAt`; null for never. */
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
  // The lease outlasts a transcript whose analysis comes next, so that it is asked for in any case.
  const next = analysisBy === null ? {} : { nextAttemptAt: analysisBy };
  return count({ status: 'available', ...transcript, fetchedAt: now, ...next });
}

function notReady(reason: string, look: LookUnderWay): ReturnType<typeof decideLook> {
  return look.analysisBy === null ? nothingYet(reason, look) : { kind: 'ask-analysis', reason };
}

/** Gives up if the deadline is past. */
function nothingYet(reason: string, look: LookUnderWay): LookDecision {
  const nextAttemptAt = nextLookAt(look);
  return count(nextAttemptAt === null ? { status: 'expired', reason } : { status: 'pending', nextAttemptAt, reason });
}

/** Believed in the end, so that a source that never says anything else is not asked for ever; what came is kept. */
function garbled({ reason, text }: { reason: string; text?: string }, look: LookUnderWay): LookDecision {
  const isLast = nextLookAt(look) === null && look.attempts >= GARBLED_LOOKS;
  if (isLast && text !== undefined) return held({ text, turns: [], reason: UNKNOWN_SHAPE }, look);
  if (isLast || nextLookAt(look) !== null) return nothingYet(reason, look);
  return count({ status: 'pending', nextAttemptAt: later(look, MINUTE_MS), reason });
}

/** No look was made, so none is counted; a call that old is no longer taken for one that goes on. */
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
