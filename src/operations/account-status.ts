import type { Source } from '../domain/call.js';
import type { TranscriptLane } from '../domain/transcripts/transcript.js';
import { earliest, latest } from '../domain/earliest.js';
import type { Account } from '../settings/accounts.js';
import { runningHold, type ShownRate, shownRate } from '../store/limits/holds.js';
import type { TranscriptsState } from '../store/limits/transcript-holds.js';
import type { Readability, TranscriptSummary } from '../store/transcripts/transcript-summary.js';
import type { Backfill } from '../temporal/runs/backfills.js';
import type { FailedRuns, LastRun } from '../temporal/runs/past-runs.js';
import type { StuckRun } from '../temporal/runs/run-state.js';
import type { RunWait } from '../temporal/runs/waits.js';
import type { QueueWorkers } from '../temporal/server/task-queues.js';
import { pollOf, type RunFacts } from './run-facts.js';
import type { ShownSchedule } from './schedules.js';
import type { StoredCounts, StoredFacts } from './stored-facts.js';
import { shownWaits, type ShownWait } from './waits.js';

export interface AccountStatus extends StoredCounts {
  readonly account: string;
  readonly source: Source;
  /** Id of the last transaction that is safely written; null at the start of the feed. */
  readonly cursor: string | null;
  /** Pages written since the checkpoint was made. */
  readonly pages: number;
  readonly lastPageAt: Date | null;
  /** Instant at which the account was last read to its end; null if never. */
  readonly caughtUpAt: Date | null;
  /** Seconds since `caughtUpAt`. */
  readonly freshnessSeconds: number | null;
  /** Earliest known attempt to read the account; null if there is none. */
  readonly firstAttemptAt: Date | null;
  readonly pollSeconds: number;
  /** Number of transcripts by status. */
  readonly transcripts: TranscriptSummary['byStatus'];
  readonly transcriptLooks: Omit<TranscriptSummary, 'byStatus'> & {
    /** The hold of all transcripts: its end and its reason; null if there is none. */
    readonly paused: { readonly until: Date; readonly reason: string | null } | null;
    /** Number of the newest transcripts that cannot be read as turns. */
    readonly readability: Readability;
    /** Holds of the lanes whose transcripts the source refuses; null if a lane has none. */
    readonly rests: Readonly<Record<TranscriptLane, ShownLaneHold | null>>;
  };
  /** The account's hold: its end and its reason; null if there is none. */
  readonly hold: { readonly until: Date; readonly reason: string } | null;
  readonly rate: ShownRate;
  /** The last run that brings in new calls: a drain, or a sync of invoices. */
  readonly lastDrain: LastRun | null;
  /** Failures of these runs; null if something was read since. */
  readonly failedDrains: FailedRuns | null;
  /** Running backfills, and failed ones whose days no later one covers. */
  readonly backfills: readonly Backfill[];
  readonly schedules: readonly ShownSchedule[];
  /** Everything that waits, and until when. */
  readonly waits: readonly ShownWait[];
  readonly stuckRuns: readonly StuckRun[];
  /** Workers of the task queues that the account needs; empty if Temporal does not report them. */
  readonly workers: readonly QueueWorkers[];
}

/** Hold of a lane of transcripts after refusals (403). */
interface ShownLaneHold {
  readonly until: Date;
  /** Instant of the first of the refusals in a row. */
  readonly since: Date | null;
  readonly forbiddenInARow: number;
}

interface StatusFacts {
  readonly account: Account;
  readonly stored: StoredFacts;
  readonly runs: RunFacts;
  readonly schedules: readonly ShownSchedule[];
  readonly waits: readonly RunWait[];
  readonly now: Date;
}

/** Puts together what MongoDB and Temporal say of an account. */
export function accountStatus({ account, stored, runs, schedules, waits, now }: StatusFacts): AccountStatus {
  const { requestsPerSecond: ceiling, pollIntervalMs } = account;
  const { checkpoint, invoices, limit, outage, looks, readability, transcriptsState, nextLookAt, ...facts } = stored;
  const { byStatus: transcripts, ...transcriptLooks } = looks;
  const { open, backfills, workers } = runs;
  const { last: lastDrain, failed } = runs.past;
  const caughtUpAt = invoices?.lastSyncAt ?? checkpoint?.caughtUpAt ?? null;
  const readAt = latest([caughtUpAt, checkpoint?.lastPageAt]);
  const polls = open.filter(({ type }) => type === pollOf(account).workflow.type);
  const attempts = [...polls.map(({ startedAt }) => startedAt), lastDrain?.startedAt, failed?.since];
  const holds = { hold: runningHold(limit, now), ...transcriptHoldsAt(transcriptsState, now) };
  const { hold, ...transcriptHolds } = holds;
  return {
    ...{ account: account.name, source: account.source, ...facts, invoices, schedules, workers, lastDrain, backfills },
    stuckRuns: open.flatMap(({ stuck }) => stuck ?? []),
    cursor: checkpoint?.cursor ?? null,
    pages: checkpoint?.totals.pages ?? 0,
    lastPageAt: checkpoint?.lastPageAt ?? null,
    caughtUpAt,
    freshnessSeconds: caughtUpAt === null ? null : Math.round((now.getTime() - caughtUpAt.getTime()) / 1_000),
    firstAttemptAt: earliest([checkpoint?.firstAskedAt, outage?.since, ...attempts]),
    failedDrains: failedSince(failed, readAt),
    pollSeconds: pollIntervalMs / 1_000,
    transcripts,
    transcriptLooks: { ...transcriptLooks, readability, ...transcriptHolds },
    hold,
    outage,
    rate: shownRate(limit, ceiling),
    waits: shownWaits({
      ...holds,
      nextLookAt: looks.dueNow === 0 && isToCome(nextLookAt, now) ? nextLookAt : null,
      backfills,
      runs: waits,
    }),
  };
}

/** False for an instant that has passed since the calls were counted. */
function isToCome(at: Date | null, now: Date): boolean {
  return at !== null && at > now;
}

/** Returns null if another run has read something since the last failure. */
function failedSince(failed: FailedRuns | null, readAt: Date | null): FailedRuns | null {
  return failed !== null && readAt !== null && readAt > failed.endedAt ? null : failed;
}

function transcriptHoldsAt(
  { pausedUntil, reason, rests }: TranscriptsState,
  now: Date,
): Pick<AccountStatus['transcriptLooks'], 'paused' | 'rests'> {
  const holdOf = (lane: TranscriptLane): ShownLaneHold | null => {
    const { until, since, forbiddenInARow } = rests[lane];
    return until !== null && until > now ? { until, since, forbiddenInARow } : null;
  };
  return {
    paused: pausedUntil !== null && pausedUntil > now ? { until: pausedUntil, reason } : null,
    rests: { fresh: holdOf('fresh'), old: holdOf('old') },
  };
}
