import { dayEnd, dayStart } from '../../domain/days/zoned-days.js';
import type { Days } from '../../domain/days/days.js';
import { mismatchMessage } from '../../domain/days/zone-check.js';
import type { DifferenceSummary } from '../../store/feed/differences.js';
import { EXPECTED_CALLS_KEPT_SECONDS } from '../../store/server/index-definitions.js';
import { requireAccount, type ActivityDependencies } from '../dependencies.js';
import { withHeartbeat } from '../requests/heartbeat.js';

/** The stored calls of these days, as far as they are listed. */
export interface ListedCalls {
  /** Zone in which the days begin and end; null if the worker has none for the account: then no call is listed. */
  readonly timeZone: string | null;
  /** Instant at which the listing began (ISO). */
  readonly at: string;
  /** Start of the first call that is left (ISO); null if all are listed. */
  readonly next: string | null;
}

export interface ListStoredCallsInput {
  readonly account: string;
  readonly run: string;
  readonly window: Days;
  /** Null to begin. */
  readonly listed: ListedCalls | null;
  /** Number of calls after which this piece ends. */
  readonly limit?: number;
}

export interface FindGoneCallsInput {
  readonly account: string;
  readonly run: string;
  readonly window: Days;
  readonly listed: ListedCalls;
  /** Id of the last call that was judged; null to begin. */
  readonly after: string | null;
  readonly limit?: number;
}

export interface FindGoneCallsResult {
  /** Id of the last call that was judged; null if none is left. */
  readonly after: string | null;
  /** Number of calls of this piece that are gone. */
  readonly gone: number;
}

export interface SummarizeVerificationInput {
  readonly account: string;
  readonly run: string;
  readonly listed: ListedCalls;
  /** False if the source no longer has the row after which it was asked for the last page. */
  readonly isEndKnown: boolean;
}

/** Result of a verification: counts of calls, and the first 20 differences of each sort as examples. */
export interface VerifySummary extends Omit<DifferenceSummary, 'gone'> {
  /** Calls that were stored before it began and that the source did not show; null if that cannot be known. */
  readonly gone: number | null;
  /** Reason why it cannot be known, and what to do; null if it can. */
  readonly goneReason: string | null;
}

const END_UNKNOWN =
  'the source no longer has the row after which the last page was asked for, so its end is not certain: verify these ' +
  'days again';

/** Takes some seconds. The calls listed are read and written bit by bit; the ids of those judged are in memory. */
const CALLS_LISTED_PER_PIECE = 100_000;
const CALLS_JUDGED_PER_PIECE = 20_000;
const EXAMPLES = 20;
/** Ends well before the server deletes the list. */
const LONGEST_RUN_MS = (EXPECTED_CALLS_KEPT_SECONDS - 24 * 3_600) * 1_000;

/**
 * Lists the next calls that are stored on these days, before the source is asked. Those that it does not show later are
 * gone; a call that is stored only afterwards is not listed, so its place in the pages does not matter.
 */
export async function listStoredCalls(deps: ActivityDependencies, input: ListStoredCallsInput): Promise<ListedCalls> {
  const { account, run, window: days, listed: before, limit = CALLS_LISTED_PER_PIECE } = input;
  const { timeZone } = requireAccount(deps.feeds, account);
  const at = before?.at ?? deps.now().toISOString();
  if (timeZone === null) return { timeZone, at, next: null };
  const all = { from: dayStart(days.from, timeZone), to: dayEnd(days.to, timeZone) };
  // In another zone the days begin elsewhere. Listed calls that are not of these days are left out later.
  const from = before?.next == null || before.timeZone !== timeZone ? all.from : new Date(before.next);
  const next = await withHeartbeat(() =>
    deps.store.expectedCalls.list({ run, account, startedAt: { ...all, from }, listedAt: new Date(at), limit }),
  );
  return { timeZone, at, next: next?.toISOString() ?? null };
}

/**
 * Records which of the next listed calls are gone, after the source has shown all rows of these days. A piece done
 * twice counts once.
 */
export async function findGoneCalls(
  deps: ActivityDependencies,
  input: FindGoneCallsInput,
): Promise<FindGoneCallsResult> {
  const { account, run, window: days, listed, after, limit = CALLS_JUDGED_PER_PIECE } = input;
  const { timeZone } = listed;
  if (timeZone === null || (await reasonNotToCount(deps, input)) !== null) return { after: null, gone: 0 };
  const startedAt = { from: dayStart(days.from, timeZone), to: dayEnd(days.to, timeZone) };
  return withHeartbeat(async () => {
    const { gone, last } = await deps.store.expectedCalls.nextGone({ run, account, startedAt, after, limit });
    const differences = gone.map((callId) => ({ callId, kind: 'gone', changed: [] }) as const);
    await deps.store.differences.record({ run, account, differences, foundAt: deps.now() });
    return { after: last, gone: gone.length };
  });
}

/** Counts what the verification found, and deletes its list of stored calls. May run twice. */
export async function summarizeVerification(
  deps: ActivityDependencies,
  input: SummarizeVerificationInput,
): Promise<VerifySummary> {
  const { run } = input;
  const { expectedCalls, differences } = deps.store;
  return withHeartbeat(async () => {
    const goneReason = input.isEndKnown ? await reasonNotToCount(deps, input) : END_UNKNOWN;
    if (goneReason !== null) await differences.removeGone(run);
    const summary = await differences.summarize({ run, limit: EXAMPLES });
    await expectedCalls.remove(run);
    return { ...summary, gone: goneReason === null ? summary.gone : null, goneReason };
  });
}

/** Returns why the calls that the source did not show may be on other days after all; null if they are gone. */
async function reasonNotToCount(
  deps: ActivityDependencies,
  { account, listed }: Pick<SummarizeVerificationInput, 'account' | 'listed'>,
): Promise<string | null> {
  const { timeZone } = requireAccount(deps.feeds, account);
  if (timeZone === null || listed.timeZone === null) {
    return 'the worker has no time zone for the account: set INVOCA_TIME_ZONE for it too, restart it, and verify again';
  }
  if (timeZone !== listed.timeZone) {
    return `INVOCA_TIME_ZONE was changed from ${listed.timeZone} to ${timeZone} meanwhile: verify these days again`;
  }
  if (deps.now().getTime() - Date.parse(listed.at) > LONGEST_RUN_MS) {
    return 'the verification took more than 30 days: verify fewer days at once';
  }
  const note = (await deps.store.limits.zoneNotes({ account, timeZone }))['time-zone'];
  return note === null ? null : mismatchMessage('time-zone', note);
}
