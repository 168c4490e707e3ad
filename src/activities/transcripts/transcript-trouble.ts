import { activityInfo } from '@temporalio/activity';
import { ApplicationFailure } from '@temporalio/common';
import type { SourceError } from '../../sources/errors.js';
import { asksForHold, holdAccount } from '../requests/account-hold.js';
import { deferLook, finishLook, finishNotReady, plannedLook, type Look } from './look.js';
import { noteForbidden, pauseForRefusedToken } from './transcript-pause.js';
import type { LookOutcome } from './transcript-types.js';

/** Failures in a row before the call is handed back to be claimed again later. */
const ATTEMPTS_PER_LOOK = 3;
/** Looks that may end with an answer that cannot be read although the deadline is past. */
const GARBLED_LOOKS = 3;
/** Between them. */
export const GARBLED_REST_MS = 60_000;
/** How long a call is left alone whose source did not answer. */
export const OUTAGE_REST_MS = 5 * 60_000;

/**
 * What a failed request means for the look. Holds, a refused token and outages use up no look; a refusal (403) is the
 * call's own affair, until there is a run of them.
 * @throws a retryable failure where trying again at once makes sense
 */
export async function lookAfterError({
  look,
  epoch,
  error,
}: {
  look: Look;
  /** Of the account's standing right before the request. */
  epoch: number;
  error: SourceError;
}): Promise<LookOutcome> {
  const { deps, input } = look;
  const { account } = input;
  if (asksForHold(error)) return deferLook(look, await holdAccount({ deps, account, epoch }, error));
  if (error.status === 401) return deferLook(look, await pauseForRefusedToken(deps, account));
  if (error.status === 403) return lookAfterForbidden(look);
  if (error.kind === 'refused') return finishNotReady(look, `refused: answered ${error.status ?? 'nothing'}`);
  askAgainAtFirst(error.message);
  const until = new Date(deps.now().getTime() + OUTAGE_REST_MS);
  return deferLook(look, { until, reason: 'unavailable: the source did not answer' });
}

/**
 * What an answer means that cannot be read: at first, that the transfer went wrong. Believed in the end, so that a
 * source that never says anything else is not asked for ever.
 * @throws a retryable failure where trying again at once makes sense
 */
export async function lookAfterGarbled(look: Look, reason: string): Promise<LookOutcome> {
  askAgainAtFirst(reason);
  const isBelieved = plannedLook(look) !== null || look.input.attempts >= GARBLED_LOOKS;
  if (isBelieved) return finishNotReady(look, reason);
  const nextAttemptAt = new Date(look.deps.now().getTime() + GARBLED_REST_MS);
  return finishLook(look, { status: 'pending', nextAttemptAt, reason });
}

/** @throws a retryable failure unless this was the last attempt of the look */
export function askAgainAtFirst(reason: string): void {
  if (activityInfo().attempt < ATTEMPTS_PER_LOOK) throw ApplicationFailure.retryable(reason, 'Unavailable');
}

/** Only a refusal that became the call's counts, so that an attempt that is made again does not count twice. */
async function lookAfterForbidden(look: Look): Promise<LookOutcome> {
  const outcome = await finishLook(look, { status: 'forbidden', reason: 'forbidden: answered 403' });
  const { deps, input, work } = look;
  if (outcome === 'forbidden') await noteForbidden({ deps, account: input.account, lane: work.transcript.lane });
  return outcome;
}
