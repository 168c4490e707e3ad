import { proxyActivities } from '@temporalio/workflow';
import type { ApiActivities } from '../../activities/api-activities.js';
import type { LookReport } from '../../activities/transcripts/look.js';
import type { ClaimedCall } from '../../domain/transcripts/transcript.js';
import { lookActivityOptions } from '../policies.js';

export interface TranscriptInput extends ClaimedCall {
  readonly account: string;
  readonly leasedUntil: string;
}

/**
 * Makes one look at one call's transcript: one or two requests, whose outcome is written into the call's document. When
 * it completes, the document has the time of the next look, or a final status. If it fails, the lease expires and the
 * call is due again.
 */
export async function transcript({
  account,
  callId,
  attempts,
  lane,
  leasedUntil,
}: TranscriptInput): Promise<LookReport> {
  const { fetchTranscript, fetchAnalysis } = proxyActivities<ApiActivities>(lookActivityOptions({ account, lane }));
  const look = { account, callId, attempts, leasedUntil };
  const { outcome, ask, reason } = await fetchTranscript(look);
  if (ask === null) return outcome;
  const after = outcome === 'pending' ? 'not-ready' : 'stored';
  const decided = await fetchAnalysis({ ...look, after, reason });
  return after === 'stored' ? outcome : decided;
}
