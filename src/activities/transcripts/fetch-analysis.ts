import type { AnalysisAnswer, Unanswered } from '../../domain/transcripts/answers.js';
import { decideWithAnalysis, nextAnalysisAt, NO_ROOM_FOR_ANALYSIS } from '../../domain/transcripts/outcome.js';
import type { TranscriptAnalysis } from '../../domain/transcripts/transcript.js';
import { StoreError } from '../../store/errors.js';
import { requireAccount, type ActivityDependencies } from '../dependencies.js';
import { askAgainIfWorthIt, askTranscriptSource } from './ask-transcript-source.js';
import { openLook, settle, underWay, type LookInput, type LookReport } from './look.js';

export interface AskAnalysisInput extends LookInput {
  /** `stored`: the transcript is stored, and the analysis adds to it. `not-ready`: the analysis decides the outcome. */
  readonly after: 'stored' | 'not-ready';
  /** The reason that the transcript is not ready. */
  readonly reason: string | null;
}

interface AnalysisToAsk {
  readonly deps: ActivityDependencies;
  readonly input: AskAnalysisInput;
}

/**
 * Asks for the analysis of one call. If the transcript is stored, adds the summary and sentiment to it, now or at a
 * later planned look. If not, the analysis shows whether there will be a transcript, and decides the outcome of the
 * look. Makes one request. Without an answer, a look that is not the last ends as if the account had no analysis.
 */
export async function fetchAnalysis(deps: ActivityDependencies, input: AskAnalysisInput): Promise<LookReport> {
  const answer = await askForAnalysis({ deps, input });
  askAgainIfWorthIt(answer);
  if (answer.kind === 'analysis') await saveAnalysis({ deps, input }, answer.analysis);
  if (answer.kind === 'too-large') await saveAnalysis({ deps, input }, NO_ROOM_FOR_ANALYSIS);
  const look = await openLook(deps, input);
  if (input.after === 'not-ready') {
    if (look === null) return 'skipped';
    return settle(look, decideWithAnalysis(answer, { ...underWay(look), reason: input.reason ?? 'not-ready' }));
  }
  if (look !== null) {
    const nextAttemptAt = nextAnalysisAt(answer, { ...underWay(look), fetchedAt: look.work.transcript.fetchedAt });
    await deps.store.transcripts.finishAnalysis({ ...look.lease, nextAttemptAt });
  }
  return 'available';
}

async function askForAnalysis({ deps, input }: AnalysisToAsk): Promise<AnalysisAnswer | Unanswered> {
  const { account, callId } = input;
  const { fetchAnalysis: fetchAnalysisOf } = requireAccount(deps.transcripts, account).source;
  if (fetchAnalysisOf === null) return { kind: 'not-applicable', reason: 'not-applicable: the source has none' };
  return askTranscriptSource({ deps, account }, async ({ signal, state }) => {
    const answer = await fetchAnalysisOf({ callId, signal });
    // Once an account is known to have an analysis, that never changes.
    if (state.analysis !== 'on') await remember({ deps, input }, answer);
    return answer;
  });
}

/** Stores the analysis. If the document has no room for it, stores a note instead, or nothing if that does not fit. */
async function saveAnalysis({ deps, input }: AnalysisToAsk, analysis: TranscriptAnalysis): Promise<void> {
  try {
    await deps.store.transcripts.saveAnalysis({ ...input, analysis });
  } catch (error) {
    if (!(error instanceof StoreError) || error.retryable) throw error;
    if (analysis !== NO_ROOM_FOR_ANALYSIS) await saveAnalysis({ deps, input }, NO_ROOM_FOR_ANALYSIS);
  }
}

/** Stores whether the account has an analysis. A refusal counts only if the call has a transcript. */
async function remember({ deps, input: { account, after } }: AnalysisToAsk, answer: AnalysisAnswer): Promise<void> {
  const { limits } = deps.store;
  const { analysis: known } = await limits.transcriptsState(account);
  const hasIt = answer.kind === 'analysis' || answer.kind === 'too-large';
  if (hasIt && known !== 'on') await limits.setAnalysis({ account, value: 'on' });
  if (answer.kind === 'not-applicable' && known === 'unknown' && after === 'stored') {
    await limits.setAnalysis({ account, value: 'off' });
  }
}
