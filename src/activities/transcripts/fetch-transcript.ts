import { isAnswered } from '../../domain/transcripts/answers.js';
import { decideLook } from '../../domain/transcripts/outcome.js';
import type { ActivityDependencies } from '../dependencies.js';
import { askAgainIfWorthIt, askTranscriptSource } from './ask-transcript-source.js';
import { openLook, settle, underWay, type LookReport, type LookInput } from './look.js';
import { noteAllowed, noteForbidden } from './transcript-holds.js';

export interface LookResult {
  readonly outcome: LookReport;
  /** `analysis`: `fetchAnalysis` must run next, to add to the transcript or to find out if there will be one. */
  readonly ask: 'analysis' | null;
  /** The reason that the transcript is not ready, in fixed words. */
  readonly reason: string | null;
}

/**
 * Asks for one call's transcript and writes the outcome into its document. Leaves the outcome to the analysis if only
 * that can show whether a missing transcript will still come. Makes one request, and none if the lease belongs to
 * another look, the account or the lane is on hold, or only the analysis is missing.
 */
export async function fetchTranscript(deps: ActivityDependencies, input: LookInput): Promise<LookResult> {
  const look = await openLook(deps, input);
  if (look === null) return lookResult('skipped');
  const { callId, result, transcriptUrl: url, transcript } = look.work;
  if (transcript.status === 'available') return { outcome: 'analysis', ask: 'analysis', reason: null };
  const { source } = look.account;
  const lane = { deps, account: input.account, lane: transcript.lane };
  const answer = await askTranscriptSource(lane, ({ signal }) =>
    source.fetchTranscript({ callId, result, url, signal }),
  );
  // Read again: a run of refusals may have begun during the request.
  const state = await deps.store.limits.transcriptsState(input.account);
  if (isAnswered(answer)) await noteAllowed(lane, state);
  askAgainIfWorthIt(answer);
  // `state.analysis` is found out once and stored.
  const hasAnalysis = source.fetchAnalysis !== null && state.analysis !== 'off';
  const decision = decideLook(answer, underWay(look, hasAnalysis ? look.lease.leasedUntil : null));
  if (decision.kind === 'ask-analysis') return { outcome: 'pending', ask: 'analysis', reason: decision.reason };
  const report = await settle(look, decision);
  // Counts only a refusal that was written to the call, so that a repeated attempt does not count twice.
  if (answer.kind === 'denied' && report === 'forbidden') await noteForbidden(lane);
  return { ...lookResult(report), ask: report === 'available' && hasAnalysis ? 'analysis' : null };
}

function lookResult(outcome: LookReport): LookResult {
  return { outcome, ask: null, reason: null };
}
