import { TRANSCRIPT_LANES, type TranscriptLane } from '../../domain/transcripts/transcript.js';
import type { TranscriptsState } from '../../store/limits/transcript-holds.js';
import type { ActivityDependencies } from '../dependencies.js';
import type { RunningHold } from '../../store/limits/holds.js';

/** Calls of a lane that are not asked for now, due or not. */
export interface HeldLane {
  readonly lane: TranscriptLane;
  /** ISO instant. */
  readonly until: string;
  readonly reason: string;
}

/** Refusals (403) in a row after which they are taken for the lane's, not the calls'. */
const HOLD_AFTER_FORBIDDEN = 10;
/** How long the lane is on hold then, until its newest due call is asked for as a probe. */
const FORBIDDEN_HOLD_MS = 3_600_000;
/** How long all transcripts are on hold after a refused token (401): somebody is likely to be mending it. */
const UNAUTHORIZED_HOLD_MS = 15 * 60_000;

export interface LaneOfAccount {
  readonly deps: ActivityDependencies;
  readonly account: string;
  readonly lane: TranscriptLane;
}

/** Why no transcript of the account may be asked for now, whatever its lane; null if they may. */
export function holdOfAll({ pausedUntil, reason }: TranscriptsState, now: Date): RunningHold | null {
  if (pausedUntil === null || pausedUntil <= now) return null;
  return { until: pausedUntil, reason: reason ?? 'transcripts are paused' };
}

/** The lanes that are on hold at this moment. */
export function heldLanes({ rests }: TranscriptsState, now: Date): HeldLane[] {
  return TRANSCRIPT_LANES.flatMap((lane) => {
    const { until, forbiddenInARow } = rests[lane];
    if (until === null || until <= now) return [];
    const reason = `the source refused ${forbiddenInARow} in a row with 403`;
    return [{ lane, until: until.toISOString(), reason }];
  });
}

/** The lanes whose hold is over, and of which nobody knows yet whether they are still refused. */
export function lanesToProbe({ rests }: TranscriptsState, now: Date): TranscriptLane[] {
  return TRANSCRIPT_LANES.filter((lane) => {
    const { until } = rests[lane];
    return until !== null && until <= now;
  });
}

/** After a 401 no transcript of the account is asked for until somebody may have mended the token. */
export async function holdForRefusedToken(deps: ActivityDependencies, account: string): Promise<RunningHold> {
  const until = new Date(deps.now().getTime() + UNAUTHORIZED_HOLD_MS);
  const reason = 'the token was refused (401): check it';
  await deps.store.limits.holdTranscripts({ account, until, reason });
  return { until, reason };
}

/** A call was refused (403): that is its own affair, until there is a run of them in its lane. */
export async function noteForbidden({ deps, account, lane }: LaneOfAccount): Promise<void> {
  const hold = { holdAfter: HOLD_AFTER_FORBIDDEN, holdMs: FORBIDDEN_HOLD_MS };
  await deps.store.limits.noteForbidden({ account, lane, now: deps.now(), ...hold });
}

/**
 * An answer that is no refusal ends the hold after a refused token, and in its lane a run of refusals. If that had
 * brought a hold of the lane, what was refused in it is asked for again. The hold ends last, so that an attempt which
 * dies before does no harm.
 */
export async function noteAllowed({ deps, account, lane }: LaneOfAccount, state: TranscriptsState): Promise<void> {
  const { limits, transcripts } = deps.store;
  if (state.pausedUntil !== null) await limits.endTranscriptsHold(account);
  for (let hold = state.rests[lane]; hold.since !== null;) {
    const refused = { lane, since: hold.since };
    if (hold.until !== null) await transcripts.retry({ account, status: 'forbidden', refused, now: deps.now() });
    if (await limits.endLaneHold({ account, lane, hold })) return;
    hold = (await limits.transcriptsState(account)).rests[lane];
  }
}
