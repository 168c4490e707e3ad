import { readCallPath } from '../call-requests.js';
import type { RecordedRequest } from '../faults.js';
import { invalidInput, jsonAnswer, Refusal, type Answer } from '../refusal.js';
import type { TranscriptPlan } from './transcript-plan.js';

/**
 * State of the feature in the account. `not-applicable`: both parts have that status. 403 and 404: the endpoint answers
 * every call with that status.
 */
export type AnalysisFeature = 'on' | 'not-applicable' | 403 | 404;

interface AnalysisRouteOptions {
  /** Plans by call id. */
  readonly plans: ReadonlyMap<string, TranscriptPlan>;
  readonly now: () => Date;
  readonly feature: AnalysisFeature;
}

const pending = { status: 'pending' };
const notApplicable = { status: 'not_applicable' };

/** `GET /call/v2/transcript_analysis/<call id>` */
export function createAnalysisRoute({ plans, now, feature }: AnalysisRouteOptions) {
  return ({ path, query }: RecordedRequest): Answer | null => {
    const call = readCallPath(path);
    if (call?.endpoint !== 'analysis') return null;
    const { callId } = call;
    if (Object.keys(query).length > 0) throw invalidInput('the analysis takes no parameters');
    if (feature === 403) throw new Refusal('transcript analysis', { status: 403, errorClass: 'UnauthorizedOperation' });
    const plan = feature === 404 ? undefined : plans.get(callId);
    if (plan === undefined) throw new Refusal(callId, { status: 404, errorClass: 'RecordNotFound' });
    const parts =
      feature === 'on' ? analyse(plan, now()) : { transcript_summary: notApplicable, sentiment: notApplicable };
    return jsonAnswer(200, { call_record_id: callId, ...parts });
  };
}

function analyse(plan: TranscriptPlan, now: Date): Readonly<Record<string, unknown>> {
  const { fate = 'ready', readyAt, analysisReadyAt = readyAt } = plan;
  if (analysisReadyAt !== undefined && now < analysisReadyAt)
    return { transcript_summary: pending, sentiment: pending };
  switch (fate) {
    case 'ready':
    case 'too-large':
      return available(plan);
    case 'none':
      return { transcript_summary: { status: 'no_transcript' }, sentiment: notApplicable };
    case 'too-short':
      return { transcript_summary: { status: 'transcript_too_short' }, sentiment: notApplicable };
    default:
      return { transcript_summary: pending, sentiment: pending };
  }
}

function available({ summary = 'Colors were talked about.', sentiment }: TranscriptPlan) {
  const { overall, agent, caller } = sentiment ?? { overall: 0.42, agent: 0.5, caller: 0.3 };
  return {
    transcript_summary: { status: 'available', text: summary },
    sentiment: { status: 'available', overall: felt(overall), agent: felt(agent), caller: felt(caller) },
  };
}

function felt(score: number): { score: number; label: string } {
  return { score, label: score > 0.25 ? 'positive' : score < -0.25 ? 'negative' : 'neutral' };
}
