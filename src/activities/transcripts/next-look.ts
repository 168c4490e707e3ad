import { log } from '@temporalio/activity';
import { LOOK_AHEAD_MS } from '../../domain/transcripts/looking-ahead.js';
import { runningHold, type Hold } from '../../store/limits/holds.js';
import type { TranscriptsState } from '../../store/limits/transcript-holds.js';
import { type Lane, LANES } from '../../store/transcripts/due-calls.js';
import { requireAccount, type ActivityDependencies, type TranscriptDispatcher } from '../dependencies.js';
import { holdOfAll } from './transcript-holds.js';

interface AccountAt {
  readonly account: string;
  readonly now: Date;
  readonly hold: Hold | null;
  readonly state: TranscriptsState;
}

/** Returns when the account's next look is due and not on hold; null if that is not soon. */
export async function nextLook(
  { store }: ActivityDependencies,
  { account, now, hold, state }: AccountAt,
): Promise<Date | null> {
  const until = new Date(now.getTime() + LOOK_AHEAD_MS);
  const heldUntil = [runningHold(hold, now)?.until, holdOfAll(state, now)?.until];
  const looks = await Promise.all(
    LANES.map(async (lane) => {
      const dueAt = await store.transcripts.nextDue({ account, lane, now, until });
      return dueAt === null ? [] : latest([dueAt, ...heldUntil, ...holdsOfLane(state, lane)]);
    }),
  );
  const nextMs = Math.min(...looks.flat());
  return nextMs <= until.getTime() ? new Date(nextMs) : null;
}

/** Returns the instants before which no look of the lane is made. */
function holdsOfLane({ rests }: TranscriptsState, lane: Lane): (Date | null)[] {
  return lane === 'analysis' ? [] : [rests[lane].until, rests[lane].probeFrom];
}

function latest(instants: readonly (Date | null | undefined)[]): number {
  return Math.max(...instants.map((instant) => instant?.getTime() ?? 0));
}

/**
 * Starts or wakes the account's dispatcher if a look is due soon. Returns false if it may not run, because the schedule
 * of the looks is paused or missing.
 */
export async function wakeDispatcher(
  deps: ActivityDependencies,
  { account }: { readonly account: string },
): Promise<boolean> {
  const { dispatcher } = requireAccount(deps.transcripts, account);
  if (!(await dispatcher.isWanted())) return false;
  await announce(deps, { account, dispatcher });
  return true;
}

/**
 * Wakes the account's dispatcher after calls were stored. A failure is only logged, because the calls are stored and
 * the schedule finds their looks later.
 */
export async function announceLooks(deps: ActivityDependencies, account: string): Promise<void> {
  const { policy, dispatcher } = deps.transcripts.get(account) ?? {};
  if (policy?.enabled !== true || dispatcher === undefined) return;
  try {
    await announce(deps, { account, dispatcher });
  } catch (error) {
    log.warn('Cannot wake the dispatcher of transcripts; the schedule finds due looks within minutes', {
      account,
      error,
    });
  }
}

async function announce(
  deps: ActivityDependencies,
  { account, dispatcher }: { account: string; dispatcher: TranscriptDispatcher },
): Promise<void> {
  const now = deps.now();
  const { hold, transcripts: state } = await deps.store.limits.readAll(account);
  const dueAt = await nextLook(deps, { account, now, hold, state });
  if (dueAt !== null) await dispatcher.wake(dueAt);
}
