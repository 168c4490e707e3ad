import { UNKNOWN_SHAPE } from '../../domain/transcripts/transcript.js';
import { SourceError } from '../../sources/errors.js';
import type { TranscriptAnswer, TranscriptRequest } from '../../sources/transcripts/transcript-source.js';
import { StoreError } from '../../store/errors.js';
import type { TranscriptLane, TranscriptsState } from '../../store/limits/transcript-rests.js';
import type { LookOutcome as WrittenOutcome } from '../../store/transcripts/transcript-types.js';
import type { Rest } from '../requests/account-hold.js';
import type { ActivityDependencies, TranscriptAccount } from '../dependencies.js';
import { withHeartbeat } from '../requests/heartbeat.js';
import { deferLook, deferNotEnded, finishLook, finishNotReady, openLook, plannedLook, type Look } from './look.js';
import { noteAllowed, restsAt, transcriptsStanding } from './transcript-pause.js';
import { lookAfterError, lookAfterGarbled } from './transcript-trouble.js';
import type { LookInput, LookOutcome, LookResult } from './transcript-types.js';

type HeldTranscript = Extract<WrittenOutcome, { status: 'available' }>;

/**
 * Asks for one call's transcript and writes what the answer means into its document, or leaves that to the analysis,
 * which can tell a late transcript from one that will never come. Makes one request, and none where the lease is no
 * longer this look's, the account rests, or only the analysis is still to come.
 */
export async function fetchTranscript(deps: ActivityDependencies, input: LookInput): Promise<LookResult> {
  const look = await openLook(deps, input);
  if (look === null) return lookResult('skipped');
  if (look.work.transcript.status === 'available') return { outcome: 'analysis', ask: 'analysis', reason: null };
  const { rest, epoch, state: stateBefore } = await transcriptsStanding(deps, input.account);
  const restOfCall = rest ?? restOfLane(look, stateBefore);
  if (restOfCall !== null) return lookResult(await deferLook(look, restOfCall));
  try {
    const { source } = look.account;
    const answer = await withHeartbeat(({ signal }) => source.fetchTranscript({ ...requestOf(look), signal }));
    // Not as it was before the request: a run of refusals may have begun while it was under way.
    const state = await deps.store.limits.transcriptsState(input.account);
    if (!('unasked' in answer)) await noteAllowed({ deps, account: input.account, lane: laneOf(look) }, state);
    return await writeAnswer({ look, answer, ask: analysisToAsk(look.account, state) });
  } catch (error) {
    if (error instanceof SourceError) return lookResult(await lookAfterError({ look, epoch, error }));
    throw error;
  }
}

function requestOf({ work: { callId, result, transcriptUrl } }: Look): TranscriptRequest {
  return { callId, result, url: transcriptUrl };
}

async function writeAnswer({
  look,
  answer,
  ask,
}: {
  look: Look;
  answer: TranscriptAnswer;
  ask: LookResult['ask'];
}): Promise<LookResult> {
  switch (answer.kind) {
    case 'ready':
      return storeTranscript({ look, transcript: { text: answer.text, turns: answer.turns }, ask });
    case 'unknown-shape': {
      const mayFollow = answer.isBlank && plannedLook(look) !== null;
      if (mayFollow) return writeAnswer({ look, answer: nothingYet, ask });
      return storeTranscript({ look, transcript: { text: answer.text, turns: [], reason: UNKNOWN_SHAPE }, ask });
    }
    case 'not-ready':
      if (ask !== null) return { outcome: 'pending', ask, reason: answer.reason };
      return lookResult(await finishNotReady(look, answer.reason));
    case 'not-ended':
      return lookResult(await deferNotEnded(look, answer.reason));
    case 'garbled':
      return lookResult(await lookAfterGarbled(look, answer.reason));
    case 'refused':
      return lookResult(await finishNotReady(look, answer.reason));
    case 'forbidden':
      return lookResult(await finishLook(look, { status: 'forbidden', reason: answer.reason }));
    case 'gone':
      return lookResult(await finishLook(look, { status: 'gone', reason: answer.reason }));
    case 'too-large':
      return lookResult(await finishLook(look, { status: 'too_large', reason: answer.reason }));
  }
}

const nothingYet = { kind: 'not-ready', reason: 'not-ready: nothing in the answer' } as const;

/**
 * The lease outlasts a transcript whose analysis comes next, so that it is asked for in any case. A transcript may be
 * within its cap and still, with all the rows of its call, be more than one document holds.
 */
async function storeTranscript({
  look,
  transcript,
  ask,
}: {
  look: Look;
  transcript: Pick<HeldTranscript, 'text' | 'turns' | 'reason'>;
  ask: LookResult['ask'];
}): Promise<LookResult> {
  const nextAttemptAt = ask === null ? {} : { nextAttemptAt: new Date(look.input.leasedUntil) };
  try {
    const held = { status: 'available', ...transcript, fetchedAt: look.deps.now(), ...nextAttemptAt } as const;
    const outcome = await finishLook(look, held);
    return { outcome, ask: outcome === 'available' ? ask : null, reason: null };
  } catch (error) {
    if (!(error instanceof StoreError) || error.retryable) throw error;
    const reason = 'too-large: it does not fit into the document of its call';
    return lookResult(await finishLook(look, { status: 'too_large', reason }));
  }
}

/** Whether the account has an analysis is found out once and remembered. */
function analysisToAsk(account: TranscriptAccount, state: TranscriptsState): LookResult['ask'] {
  return account.source.fetchAnalysis === null || state.analysis === 'off' ? null : 'analysis';
}

/** Until now only: while its lane rests the call is not claimed, and once that is over nothing keeps it. */
function restOfLane(look: Look, state: TranscriptsState): Rest | null {
  const now = look.deps.now();
  const rest = restsAt(state, now).find(({ lane }) => lane === laneOf(look));
  return rest === undefined ? null : { until: now, reason: rest.reason };
}

function laneOf({ work }: Look): TranscriptLane {
  return work.transcript.lane;
}

function lookResult(outcome: LookOutcome): LookResult {
  return { outcome, ask: null, reason: null };
}
