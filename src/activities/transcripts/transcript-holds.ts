import { TRANSCRIPT_LANES, type TranscriptLane } from '../../domain/transcripts/transcript.js';
import type { TranscriptsState } from '../../store/limits/transcript-holds.js';
import type { ActivityDependencies } from '../dependencies.js';
import type { RunningHold } from '../../store/limits/holds.js';

/** A lane whose calls are not asked for now, even if they are due. */
export interface HeldLane {
  readonly lane: TranscriptLane;
  /** ISO instant. */
  readonly until: string;
  readonly reason: string;
}

/** Number of refusals (403) in a row that puts the whole lane on hold. */
const HOLD_AFTER_FORBIDDEN = 10;
/** Time of that hold, after which the newest due call of the lane is asked for as a probe. */
const FORBIDDEN_HOLD_MS = 3_600_000;
/** Time for which all transcripts are on hold after a refused token (401), to give an operator time to correct it. */
const UNAUTHORIZED_HOLD_MS = 15 * 60_000;

export interface LaneOfAccount {
  readonly deps: ActivityDependencies;
  readonly account: string;
  readonly lane: TranscriptLane;
}

/** Returns the hold on all transcripts of the account; null if there is none. */
export function holdOfAll({ pausedUntil, reason }: TranscriptsState, now: Date): RunningHold | null {
  if (pausedUntil === null || pausedUntil <= now) return null;
  return { until: pausedUntil, reason: reason ?? 'transcripts are on hold' };
}

/** Returns the lanes that are on hold now. */
export function heldLanes({ rests }: TranscriptsState, now: Date): HeldLane[] {
  return TRANSCRIPT_LANES.flatMap((lane) => {
    const { until, forbiddenInARow } = rests[lane];
    if (until === null || until <= now) return [];
    const reason = `the source refused ${forbiddenInARow} in a row with 403`;
    return [{ lane, until: until.toISOString(), reason }];
  });
}

/** Returns the lanes whose hold has ended and that must be probed. */
export function lanesToProbe({ rests }: TranscriptsState, now: Date): TranscriptLane[] {
  return TRANSCRIPT_LANES.filter((lane) => {
    const { until } = rests[lane];
    return until !== null && until <= now;
  });
}

/** Puts all transcripts of the account on hold for 15 minutes after a 401. */
export async function holdForRefusedToken(deps: ActivityDependencies, account: string): Promise<RunningHold> {
  const until = new Date(deps.now().getTime() + UNAUTHORIZED_HOLD_MS);
  const reason = 'the token was refused (401): check it';
  await deps.store.limits.holdTranscripts({ account, until, reason });
  return { until, reason };
}

/** Counts a refused call (403). Ten in a row put its lane on hold for an hour; each further one extends the hold. */
export async function noteForbidden({ deps, account, lane }: LaneOfAccount): Promise<void> {
  const hold = { holdAfter: HOLD_AFTER_FORBIDDEN, holdMs: FORBIDDEN_HOLD_MS };
  await deps.store.limits.noteForbidden({ account, lane, now: deps.now(), ...hold });
}

/**
 * Ends the hold after a refused token and the lane's run of refusals, after an answer that is no refusal. If the run
 * had put the lane on hold, the calls refused since its start become due again. The hold ends last, so that a repeated
 * attempt finds it if this one dies earlier.
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
