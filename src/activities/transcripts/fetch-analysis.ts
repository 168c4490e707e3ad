import type { TranscriptAnalysis } from '../../domain/transcripts/transcript.js';
import { SourceError } from '../../sources/errors.js';
import type { AnalysisAnswer } from '../../sources/transcripts/transcript-source.js';
import { StoreError } from '../../store/errors.js';
import { asksForHold, holdAccount, type Asked } from '../requests/account-hold.js';
import { requireAccount, type ActivityDependencies } from '../dependencies.js';
import { withHeartbeat } from '../requests/heartbeat.js';
import { deferLook, finishAnalysis, finishLook, finishNotReady, openLook, plannedLook, type Look } from './look.js';
import { pauseForRefusedToken, transcriptsStanding } from './transcript-pause.js';
import { askAgainAtFirst, GARBLED_REST_MS, lookAfterGarbled, OUTAGE_REST_MS } from './transcript-trouble.js';
import type { AskAnalysisInput, LookOutcome } from './transcript-types.js';

/** For how long an analysis that cannot be read is asked for again. */
const LONGEST_GARBLED_MS = 3_600_000;

const TOO_LARGE: TranscriptAnalysis = { status: 'too_large', summary: null, sentiment: null };

/** An answer, or none; then when to ask again, if it is worth it. */
type Answered = AnalysisAnswer | { readonly kind: 'no-answer'; readonly askAgainAt: Date | null };

/**
 * Asks for the analysis of one call. After a transcript was stored, its summary and sentiment are added to it, now or
 * at one of the next planned looks; before that, it decides whether there will ever be a transcript, and with that what
 * the look came to. One request; without an answer a look that is not the last ends as if the account had no analysis.
 */
export async function fetchAnalysis(deps: ActivityDependencies, input: AskAnalysisInput): Promise<LookOutcome> {
  const answer = await askForAnalysis(deps, input);
  if (answer.kind === 'analysis') await saveAnalysis({ deps, input, analysis: answer.analysis });
  if (answer.kind === 'too-large') await saveAnalysis({ deps, input, analysis: TOO_LARGE });
  const look = await openLook(deps, input);
  if (input.after === 'stored') {
    if (look !== null) await finishAnalysis(look, askAgainAt(look, answer));
    return 'available';
  }
  if (look === null) return 'skipped';
  if (answer.kind === 'analysis' && answer.none) {
    return finishLook(look, { status: 'none', reason: answer.reason ?? 'none: the source says so' });
  }
  return finishUndecided({ look, answer, reason: input.reason ?? 'not-ready' });
}

/** A document that has no room for the analysis says so instead, or has no room for that either. */
async function saveAnalysis(saved: {
  deps: ActivityDependencies;
  input: AskAnalysisInput;
  analysis: TranscriptAnalysis;
}): Promise<void> {
  const { deps, input, analysis } = saved;
  try {
    await deps.store.transcripts.saveAnalysis({ ...input, analysis, now: deps.now() });
  } catch (error) {
    if (!(error instanceof StoreError) || error.retryable) throw error;
    if (analysis !== TOO_LARGE) await saveAnalysis({ ...saved, analysis: TOO_LARGE });
  }
}

/** The last look is not over before the analysis has had its say. */
async function finishUndecided({
  look,
  answer,
  reason,
}: {
  look: Look;
  answer: Answered;
  reason: string;
}): Promise<LookOutcome> {
  const isLast = plannedLook(look) === null;
  if (isLast && answer.kind === 'garbled') return lookAfterGarbled(look, answer.reason);
  const until = answer.kind === 'no-answer' ? answer.askAgainAt : null;
  return isLast && until !== null ? deferLook(look, { until, reason }) : finishNotReady(look, reason);
}

function askAgainAt(look: Look, answer: Answered): Date | null {
  if (answer.kind === 'no-answer') return answer.askAgainAt;
  if (answer.kind === 'garbled') return plannedLook(look) ?? afterGarbled(look);
  return answer.kind === 'pending' ? plannedLook(look) : null;
}

/** Null where it has been so since long after the transcript was there. */
function afterGarbled({ work, deps }: Look): Date | null {
  const nowMs = deps.now().getTime();
  const heldSinceMs = work.transcript.fetchedAt?.getTime() ?? nowMs;
  return nowMs - heldSinceMs < LONGEST_GARBLED_MS ? new Date(nowMs + GARBLED_REST_MS) : null;
}

async function askForAnalysis(deps: ActivityDependencies, input: AskAnalysisInput): Promise<Answered> {
  const { account, callId } = input;
  const { source } = requireAccount(deps.transcripts, account);
  const { fetchAnalysis: fetchAnalysisOf } = source;
  if (fetchAnalysisOf === null) return { kind: 'no-answer', askAgainAt: null };
  const { rest, epoch, state } = await transcriptsStanding(deps, account);
  if (rest !== null) return { kind: 'no-answer', askAgainAt: rest.until };
  try {
    const answer = await withHeartbeat(({ signal }) => fetchAnalysisOf({ callId, signal }));
    if (answer.kind === 'garbled') askAgainAtFirst(answer.reason);
    // That an account has it is never forgotten.
    if (state.analysis !== 'on') await remember({ deps, input, answer });
    return answer;
  } catch (error) {
    if (!(error instanceof SourceError)) throw error;
    return { kind: 'no-answer', askAgainAt: await askAgainAfter({ deps, account, epoch }, error) };
  }
}

/** @throws a retryable failure where trying again at once makes sense */
async function askAgainAfter(asked: Asked, error: SourceError): Promise<Date | null> {
  const { deps, account } = asked;
  if (asksForHold(error)) return (await holdAccount(asked, error)).until;
  if (error.status === 401) return (await pauseForRefusedToken(deps, account)).until;
  if (error.kind === 'refused') return null;
  askAgainAtFirst(error.message);
  return new Date(deps.now().getTime() + OUTAGE_REST_MS);
}

/** Of a call without a transcript a refusal tells nothing: it may be about the call. */
async function remember(found: {
  deps: ActivityDependencies;
  input: AskAnalysisInput;
  answer: AnalysisAnswer;
}): Promise<void> {
  const { deps, input, answer } = found;
  const { limits } = deps.store;
  const { analysis: known } = await limits.transcriptsState(input.account);
  const hasIt = answer.kind === 'analysis' || answer.kind === 'too-large';
  if (hasIt && known !== 'on') await limits.setAnalysis({ account: input.account, value: 'on' });
  if (answer.kind === 'not-applicable' && known === 'unknown' && input.after === 'stored') {
    await limits.setAnalysis({ account: input.account, value: 'off' });
  }
}
