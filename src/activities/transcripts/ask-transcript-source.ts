import { activityInfo } from '@temporalio/activity';
import { ApplicationFailure } from '@temporalio/common';
import type { AnalysisAnswer, TranscriptAnswer, Unanswered } from '../../domain/transcripts/answers.js';
import { reasonToAskAgain } from '../../domain/transcripts/outcome.js';
import type { TranscriptLane } from '../../domain/transcripts/transcript.js';
import { SourceError } from '../../sources/errors.js';
import type { TranscriptsState } from '../../store/limits/transcript-holds.js';
import type { ActivityDependencies } from '../dependencies.js';
import { runningHold, type RunningHold } from '../../store/limits/holds.js';
import { addAnswers, asksForHold, countAnswer, holdAccount, type SentRequest } from '../requests/account-hold.js';
import { withHeartbeat } from '../requests/heartbeat.js';
import { heldLanes, holdForRefusedToken, holdOfAll } from './transcript-holds.js';

interface SourceToAsk {
  readonly deps: ActivityDependencies;
  readonly account: string;
  /** Left out if the request may be made while a lane is on hold. */
  readonly lane?: TranscriptLane;
}

/**
 * Makes a request to the source; makes none while the source is on hold. Trouble with the source is returned as an
 * `Unanswered`, after the hold it asks for is stored. `state` was read right before the request.
 */
export async function askTranscriptSource<Answer extends object>(
  { deps, account, lane }: SourceToAsk,
  request: (asked: { signal: AbortSignal; state: TranscriptsState }) => Promise<Answer>,
): Promise<Answer | Unanswered> {
  await deps.rates.turn(account);
  const now = deps.now();
  const { hold, transcripts: state } = await deps.store.limits.readAll(account);
  await addAnswers({ deps, account, hold });
  const running = runningHold(hold, now) ?? holdOfAll(state, now) ?? holdOfLane();
  if (running !== null) return { kind: 'hold', ...running };
  try {
    const answer = await withHeartbeat(({ signal }) => request({ signal, state }));
    if (!('unasked' in answer)) countAnswer({ deps, account }, null);
    return answer;
  } catch (error) {
    if (!(error instanceof SourceError)) throw error;
    countAnswer({ deps, account }, error);
    return unanswered({ deps, account, epoch: hold?.epoch ?? 0 }, error);
  }

  /** Returns the hold of the lane, shortened to `now`: no call is claimed before the hold of its lane ends anyway. */
  function holdOfLane(): RunningHold | null {
    const held = heldLanes(state, now).find((each) => each.lane === lane);
    return held === undefined ? null : { until: now, reason: held.reason };
  }
}

async function unanswered(asked: SentRequest, error: SourceError): Promise<Unanswered> {
  if (asksForHold(error)) return { kind: 'hold', ...(await holdAccount(asked, error)) };
  if (error.status === 401) return { kind: 'hold', ...(await holdForRefusedToken(asked.deps, asked.account)) };
  const isDenied = error.status === 403 || error.kind === 'refused';
  return isDenied ? { kind: 'denied', status: error.status } : { kind: 'no-answer', reason: error.message };
}

/** @throws a retryable `Unavailable` if the request must be repeated within this look */
export function askAgainIfWorthIt(answer: TranscriptAnswer | AnalysisAnswer | Unanswered): void {
  const reason = reasonToAskAgain(answer, activityInfo().attempt);
  if (reason !== null) throw ApplicationFailure.retryable(reason, 'Unavailable');
}
