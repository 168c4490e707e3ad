import { TRANSCRIPT_LANES, type TranscriptLane, type TranscriptsState } from '../../store/limits/transcript-rests.js';
import { restOf, type Rest, type Standing } from '../requests/account-hold.js';
import type { ActivityDependencies } from '../dependencies.js';
import type { ShownRest } from './transcript-types.js';

/** Refusals (403) in a row after which they are taken for the lane's, not the calls'. */
const REST_AFTER_FORBIDDEN = 10;
/** How long the lane rests then, until its newest due call is asked for as a probe. */
const FORBIDDEN_REST_MS = 3_600_000;
/** How long all transcripts rest after a refused token (401): somebody is likely to be mending it. */
const UNAUTHORIZED_PAUSE_MS = 15 * 60_000;

interface OfLane {
  readonly deps: ActivityDependencies;
  readonly account: string;
  readonly lane: TranscriptLane;
}

/**
 * Whether transcripts of the account may be asked for now. `rest` says why not, whatever the lane: the account is on
 * hold, or its transcripts are paused. `state` is of the same moment.
 */
export async function transcriptsStanding(
  deps: ActivityDependencies,
  account: string,
): Promise<Standing & { readonly state: TranscriptsState }> {
  const { hold, transcripts: state } = await deps.store.limits.readAll(account);
  return { rest: restOf(hold, deps.now()) ?? pauseOf(state, deps.now()), epoch: hold?.epoch ?? 0, state };
}

function pauseOf({ pausedUntil, reason }: TranscriptsState, now: Date): Rest | null {
  if (pausedUntil === null || pausedUntil <= now) return null;
  return { until: pausedUntil, reason: reason ?? 'transcripts are paused' };
}

/** The lanes that rest at this moment. */
export function restsAt({ rests }: TranscriptsState, now: Date): ShownRest[] {
  return TRANSCRIPT_LANES.flatMap((lane) => {
    const { until, forbiddenInARow } = rests[lane];
    if (until === null || until <= now) return [];
    const reason = `the source refused ${forbiddenInARow} in a row with 403`;
    return [{ lane, until: until.toISOString(), reason }];
  });
}

/** The lanes whose rest is over, and of which nobody knows yet whether they are still refused. */
export function lanesToProbe({ rests }: TranscriptsState, now: Date): TranscriptLane[] {
  return TRANSCRIPT_LANES.filter((lane) => {
    const { until } = rests[lane];
    return until !== null && until <= now;
  });
}

/** After a 401 no transcript of the account is asked for until somebody may have mended the token. */
export async function pauseForRefusedToken(deps: ActivityDependencies, account: string): Promise<Rest> {
  const until = new Date(deps.now().getTime() + UNAUTHORIZED_PAUSE_MS);
  const reason = 'the token was refused (401): check it';
  await deps.store.limits.pauseTranscripts({ account, until, reason });
  return { until, reason };
}

/** A call was refused (403): that is its own affair, until there is a run of them in its lane. */
export async function noteForbidden({ deps, account, lane }: OfLane): Promise<void> {
  await deps.store.limits.noteForbidden({
    account,
    lane,
    now: deps.now(),
    restAfter: REST_AFTER_FORBIDDEN,
    restMs: FORBIDDEN_REST_MS,
  });
}

/**
 * An answer that is no refusal ends the pause after a refused token, and in its lane a run of refusals. Where that
 * had brought a rest, what was refused in it is asked for again. The rest ends last, so that an attempt which dies
 * before does no harm.
 */
export async function noteAllowed({ deps, account, lane }: OfLane, state: TranscriptsState): Promise<void> {
  const { limits, transcripts } = deps.store;
  if (state.pausedUntil !== null) await limits.endTranscriptsPause(account);
  for (let rest = state.rests[lane]; rest.since !== null;) {
    const refused = { lane, since: rest.since };
    if (rest.until !== null) await transcripts.retry({ account, status: 'forbidden', refused, now: deps.now() });
    if (await limits.endRest({ account, lane, rest })) return;
    rest = (await limits.transcriptsState(account)).rests[lane];
  }
}
