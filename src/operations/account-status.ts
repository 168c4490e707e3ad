import type { Client } from '@temporalio/client';
import type { Source } from '../domain/call.js';
import type { TranscriptLane } from '../domain/transcripts/transcript.js';
import type { Account } from '../settings/accounts.js';
import { runningHold, type ShownRate, shownRate } from '../store/limits/holds.js';
import type { Store } from '../store/store.js';
import type { TranscriptsState } from '../store/limits/transcript-holds.js';
import type { Readability, TranscriptSummary } from '../store/transcripts/transcript-summary.js';
import { listBackfills, type Backfill } from '../temporal/runs/backfills.js';
import { failedRuns, lastRun, runningSince, type FailedRuns, type LastRun } from '../temporal/runs/past-runs.js';
import { stuckRuns, type StuckRun } from '../temporal/runs/run-state.js';
import { queueWorkers, type QueueWorkers } from '../temporal/server/task-queues.js';
import { DRAIN, SYNC_INVOICES, type AccountWorkflow } from '../workflows/ids.js';
import { shownSchedules, type ShownSchedule } from './schedules.js';
import { storedFacts, type StoredCounts } from './stored-facts.js';

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

/** The workflow that brings in new calls. */
const POLL: Readonly<Record<Source, AccountWorkflow>> = { invoca: DRAIN, credira: SYNC_INVOICES };

interface StatusOf {
  readonly account: Account;
  readonly client: Client;
  readonly store: Store;
  readonly now: Date;
}

/** Reads the status of an account from MongoDB and Temporal. */
export async function accountStatus(of: StatusOf): Promise<AccountStatus> {
  const [stored, runs] = await Promise.all([storedFacts(of), runFacts(of)]);
  const { account, now } = of;
  const { requestsPerSecond: ceiling } = account;
  const { checkpoint, invoices, limit, outage, looks, readability, transcriptsState, ...facts } = stored;
  const { byStatus: transcripts, ...transcriptLooks } = looks;
  const caughtUpAt = invoices?.lastSyncAt ?? checkpoint?.caughtUpAt ?? null;
  const readAt = latest([caughtUpAt, checkpoint?.lastPageAt]);
  return {
    account: account.name,
    source: account.source,
    ...facts,
    ...runs,
    invoices,
    cursor: checkpoint?.cursor ?? null,
    pages: checkpoint?.totals.pages ?? 0,
    lastPageAt: checkpoint?.lastPageAt ?? null,
    caughtUpAt,
    freshnessSeconds: caughtUpAt === null ? null : Math.round((now.getTime() - caughtUpAt.getTime()) / 1_000),
    firstAttemptAt: earliest([checkpoint?.firstAskedAt, outage?.since, runs.firstAttemptAt]),
    failedDrains: failedSince(runs.failedDrains, readAt),
    pollSeconds: account.pollIntervalMs / 1_000,
    transcripts,
    transcriptLooks: { ...transcriptLooks, readability, ...transcriptHoldsAt(transcriptsState, now) },
    hold: runningHold(limit, now),
    outage,
    rate: shownRate(limit, ceiling),
  };
}

type RunFacts = Pick<
  AccountStatus,
  'firstAttemptAt' | 'schedules' | 'lastDrain' | 'failedDrains' | 'backfills' | 'stuckRuns' | 'workers'
>;

async function runFacts({ account, client, now }: StatusOf): Promise<RunFacts> {
  const { name } = account;
  const poll = POLL[account.source];
  const [drainingSince, schedules, lastDrain, failedDrains, backfills, stuck, workers] = await Promise.all([
    runningSince(client, poll, name),
    shownSchedules(client, account),
    lastPoll(client, account),
    failedRuns(client, poll, name),
    shownBackfills(client, name),
    stuckRuns(client, name, now),
    queueWorkers(client, name, now),
  ]);
  const firstAttemptAt = earliest([drainingSince, lastDrain?.startedAt, failedDrains?.since]);
  return { firstAttemptAt, schedules, lastDrain, failedDrains, backfills, stuckRuns: stuck, workers };
}

/** Returns the last run that brings in new calls: a drain, or a sync of invoices; null if there is none. */
export function lastPoll(client: Client, { source, name }: Account): Promise<LastRun | null> {
  return lastRun(client, POLL[source], name);
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

/** Lists running backfills, and failed ones until a later one covers their days. */
async function shownBackfills(client: Client, account: string): Promise<Backfill[]> {
  const backfills = await listBackfills(client, account);
  return backfills.filter(({ state, closedAt, options: { from, to } }, index) => {
    if (closedAt === null) return true;
    const isCovered = ({ options }: Backfill): boolean => options.from <= from && options.to >= to;
    return state === 'failed' && !backfills.slice(0, index).some(isCovered);
  });
}

function earliest(instants: readonly (Date | null | undefined)[]): Date | null {
  return instants.reduce<Date | null>((first, at) => (at != null && (first === null || at < first) ? at : first), null);
}

function latest(instants: readonly (Date | null | undefined)[]): Date | null {
  return instants.reduce<Date | null>((last, at) => (at != null && (last === null || at > last) ? at : last), null);
}
