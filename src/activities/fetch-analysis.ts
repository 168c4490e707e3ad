import { activityInfo } from '@temporalio/activity';
import { ApplicationFailure } from '@temporalio/common';
import { SourceError } from '../sources/errors.js';
import type { AnalysisAnswer } from '../sources/transcript-source.js';
import { holdAccount } from './account-hold.js';
import { requireAccount, type ActivityDependencies } from './dependencies.js';
import { withHeartbeat } from './heartbeat.js';
import { finishLook, finishNotReady, openLook } from './look.js';
import { pauseForRefusedToken, transcriptsStanding } from './transcript-pause.js';
import type { AskAnalysisInput, LookOutcome } from './transcript-types.js';

const ATTEMPTS = 3;

/**
 * Asks for the analysis of one call. After a transcript was stored, its summary and sentiment are added to it; before
 * that, it decides whether there will ever be a transcript, and with that what the look came to. One request; without
 * an answer the look ends as if the account had no analysis.
 */
export async function fetchAnalysis(deps: ActivityDependencies, input: AskAnalysisInput): Promise<LookOutcome> {
  const answer = await askForAnalysis(deps, input);
  if (answer?.kind === 'analysis') {
    const { analysis } = answer;
    await deps.store.transcripts.saveAnalysis({ ...input, analysis, now: deps.now() });
  }
  if (input.after === 'stored') return 'available';
  const look = await openLook(deps, input);
  if (look === null) return 'skipped';
  if (answer?.kind === 'analysis' && answer.none) {
    return finishLook(look, { status: 'none', reason: answer.reason ?? 'none: the source says so' });
  }
  return finishNotReady(look, input.reason ?? 'not-ready');
}

async function askForAnalysis(deps: ActivityDependencies, input: AskAnalysisInput): Promise<AnalysisAnswer | null> {
  const { account, callId } = input;
  const { source } = requireAccount(deps.transcripts, account);
  const { fetchAnalysis: fetchAnalysisOf } = source;
  if (fetchAnalysisOf === null) return null;
  const { rest, state } = await transcriptsStanding(deps, account);
  if (rest !== null) return null;
  try {
    const answer = await withHeartbeat(({ signal }) => fetchAnalysisOf({ callId, signal }));
    // That an account has it is never forgotten.
    if (state.analysis !== 'on') await remember({ deps, input, answer });
    return answer;
  } catch (error) {
    if (!(error instanceof SourceError)) throw error;
    if (error.kind === 'rate-limited') await holdAccount(deps, account, error);
    if (error.status === 401) await pauseForRefusedToken(deps, account);
    if (error.kind !== 'unavailable' || activityInfo().attempt >= ATTEMPTS) return null;
    throw ApplicationFailure.retryable(error.message, 'Unavailable');
  }
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
  if (answer.kind === 'analysis' && known !== 'on') await limits.setAnalysis({ account: input.account, value: 'on' });
  if (answer.kind === 'not-applicable' && known === 'unknown' && input.after === 'stored') {
    await limits.setAnalysis({ account: input.account, value: 'off' });
  }
}
