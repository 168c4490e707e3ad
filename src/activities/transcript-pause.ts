import type { TranscriptsState } from '../store/limits.js';
import { restOf, type Rest, type Standing } from './account-hold.js';
import type { ActivityDependencies } from './dependencies.js';

/** Why a call's transcript is `forbidden` where the API refused it; there are reasons for which it is never asked. */
export const ANSWERED_403 = 'forbidden: answered 403';
/** Refusals (403) in a row after which they are taken for the account's, not the calls'. */
export const PAUSE_AFTER_FORBIDDEN = 10;
/** How long the account's transcripts rest then, until one call is asked for as a probe. */
export const FORBIDDEN_PAUSE_MS = 24 * 3_600_000;
/** How long they rest after a refused token (401): somebody is likely to be mending it. */
const UNAUTHORIZED_PAUSE_MS = 15 * 60_000;

/**
 * Whether transcripts of the account may be asked for now. `rest` says why not: the account is on hold, or its
 * transcripts are paused. `state` is of the same moment.
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

/** After a 401 no transcript of the account is asked for until somebody may have mended the token. */
export async function pauseForRefusedToken(deps: ActivityDependencies, account: string): Promise<Rest> {
  const until = new Date(deps.now().getTime() + UNAUTHORIZED_PAUSE_MS);
  const reason = 'the token was refused (401): check it';
  await deps.store.limits.pauseTranscripts({ account, until, reason });
  return { until, reason };
}
