import { isAnswered } from '../../domain/transcripts/answers.js';
import { decideLook } from '../../domain/transcripts/outcome.js';
import type { ActivityDependencies } from '../dependencies.js';
import { askAgainIfWorthIt, askTranscriptSource } from './ask-transcript-source.js';
import { openLook, settle, underWay, type LookReport, type LookInput } from './look.js';
import { noteAllowed, noteForbidden } from './transcript-holds.js';

export interface LookResult {
  readonly outcome: LookReport;
  /**
   * Whether the analysis is to be asked for next: about a transcript just stored, or whether there will ever be one.
   */
  readonly ask: 'analysis' | null;
  /** Why the transcript is not ready, in fixed words. */
  readonly reason: string | null;
}

/**
 * Asks for one call's transcript and writes what the answer means into its document, or leaves that to the analysis,
 * which can tell a late transcript from one that will never come. Makes one request, and none if the lease is no
 * longer this look's, the account is on hold, or only the analysis is still to come.
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
  // Not as it was before the request: a run of refusals may have begun while it was under way.
  const state = await deps.store.limits.transcriptsState(input.account);
  if (isAnswered(answer)) await noteAllowed(lane, state);
  askAgainIfWorthIt(answer);
  // Whether the account has an analysis is found out once and remembered.
  const hasAnalysis = source.fetchAnalysis !== null && state.analysis !== 'off';
  const decision = decideLook(answer, underWay(look, hasAnalysis ? look.lease.leasedUntil : null));
  if (decision.kind === 'ask-analysis') return { outcome: 'pending', ask: 'analysis', reason: decision.reason };
  const report = await settle(look, decision);
  // Only a refusal that became the call's counts, so that an attempt that is made again does not count twice.
  if (answer.kind === 'denied' && report === 'forbidden') await noteForbidden(lane);
  return { ...lookResult(report), ask: report === 'available' && hasAnalysis ? 'analysis' : null };
}

function lookResult(outcome: LookReport): LookResult {
  return { outcome, ask: null, reason: null };
}
