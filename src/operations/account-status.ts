import type { Client } from '@temporalio/client';
import type { Source } from '../domain/call.js';
import type { TranscriptLane } from '../domain/transcripts/transcript.js';
import type { Account } from '../settings/accounts.js';
import type { Checkpoint } from '../store/feed/checkpoint-types.js';
import type { InvoiceSummary } from '../store/invoices/invoices.js';
import type { ZoneNote } from '../store/limits/limits.js';
import { effectiveRate, type Hold, runningHold } from '../store/limits/holds.js';
import type { Outage } from '../store/limits/outages.js';
import type { Store } from '../store/store.js';
import type { TranscriptsState } from '../store/limits/transcript-holds.js';
import type { Readability, TranscriptSummary } from '../store/transcripts/transcript-summary.js';
import { listBackfills, type Backfill } from '../temporal/runs/backfills.js';
import { failedRuns, lastRun, runningSince, type FailedRuns, type LastRun } from '../temporal/runs/past-runs.js';
import { stuckRuns, type StuckRun } from '../temporal/runs/run-state.js';
import { queueWorkers, type QueueWorkers } from '../temporal/server/task-queues.js';
import { DRAIN, liveStream, SYNC_INVOICES, type AccountWorkflow } from '../workflows/ids.js';
import { shownSchedules, type ShownSchedule } from './schedules.js';

export interface AccountStatus {
  readonly account: string;
  readonly source: Source;
  readonly calls: number;
  /** The last transaction id that is safely written; null at the start of the feed. */
  readonly cursor: string | null;
  /** Written since the checkpoint was made. */
  readonly pages: number;
  readonly lastPageAt: Date | null;
  readonly newestCallAt: Date | null;
  /** When the feed was last found to have nothing newer; null where that never was. */
  readonly caughtUpAt: Date | null;
  /** Since then. */
  readonly freshnessSeconds: number | null;
  /** The first sign of a drain; null where there is none. */
  readonly firstAttemptAt: Date | null;
  readonly pollSeconds: number;
  /** Counts by status. */
  readonly transcripts: TranscriptSummary['byStatus'];
  readonly transcriptLooks: Omit<TranscriptSummary, 'byStatus'> & {
    /** Why no transcript at all is asked for now, and until when; null if they are. */
    readonly paused: { readonly until: Date; readonly reason: string | null } | null;
    /** How many of the newest transcripts nobody can read as turns. */
    readonly readability: Readability;
    /** The lanes of which no transcript is asked for now, because the source refuses them; null if the lane goes on. */
    readonly rests: Readonly<Record<TranscriptLane, ShownLaneHold | null>>;
  };
  readonly rejects: number;
  /** Amounts of money that cannot be read for certain, and so count as not stated. */
  readonly unreadableAmounts: number;
  /** Why no requests are made now, and until when; null where they are. */
  readonly hold: { readonly until: Date; readonly reason: string } | null;
  /** Since when the source gives no usable answer, and why; null while it does. */
  readonly outage: Outage | null;
  /** Requests per second: as they are limited now, and as the settings have it. */
  readonly rate: { readonly current: number; readonly ceiling: number };
  /** A row that says the token is in another zone than the setting; null where none does. */
  readonly zoneMismatch: ZoneNote | null;
  /** Of what brings new calls in: a drain, or asking about invoices. */
  readonly lastDrain: LastRun | null;
  /** The drains that failed, where nothing was read since. */
  readonly failedDrains: FailedRuns | null;
  /** Of an account that is read by invoice; null for others. */
  readonly invoices: InvoiceSummary | null;
  /** Those that run, and those that failed where no later one covers their days. */
  readonly backfills: readonly Backfill[];
  readonly schedules: readonly ShownSchedule[];
  readonly stuckRuns: readonly StuckRun[];
  /** Of the task queues the account needs; empty where Temporal does not tell. */
  readonly workers: readonly QueueWorkers[];
}

/** The hold of a lane of transcripts after refusals (403). */
interface ShownLaneHold {
  readonly until: Date;
  /** When the first of the refusals in a row was answered. */
  readonly since: Date | null;
  readonly forbiddenInARow: number;
}

/** What brings new calls in, and what is known of the invoices they are asked for by; null for a feed. */
const BY_SOURCE: Readonly<
  Record<
    Source,
    {
      readonly poll: AccountWorkflow;
      readonly invoices: (store: Store, account: string) => Promise<InvoiceSummary> | null;
    }
  >
> = {
  invoca: { poll: DRAIN, invoices: () => null },
  credira: { poll: SYNC_INVOICES, invoices: (store, account) => store.invoices.summary(account) },
};

interface StatusOf {
  readonly account: Account;
  readonly client: Client;
  readonly store: Store;
  readonly now: Date;
}

/** Everything there is to know about an account at this instant. */
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
    rate: { current: effectiveRate({ rate: limit?.rate, ceiling }), ceiling },
  };
}

type StoredFacts = Pick<
  AccountStatus,
  'calls' | 'newestCallAt' | 'rejects' | 'unreadableAmounts' | 'outage' | 'zoneMismatch' | 'invoices'
> & {
  readonly checkpoint: Checkpoint | null;
  readonly looks: TranscriptSummary;
  readonly readability: Readability;
  readonly transcriptsState: TranscriptsState;
  readonly limit: Hold | null;
};

async function storedFacts({ account, store }: StatusOf): Promise<StoredFacts> {
  const { name } = account;
  const [summary, ofTranscripts, rejects, unreadableAmounts, limit, outage, zoneMismatch, checkpoint, invoices] =
    await Promise.all([
      store.calls.summary(name),
      transcriptFacts(store, name),
      store.rejects.count(name),
      store.calls.countUnreadableAmounts(name),
      store.limits.read(name),
      store.outages.read(name),
      zoneMismatchOf(account, store),
      store.checkpoints.read(liveStream(name)),
      BY_SOURCE[account.source].invoices(store, name),
    ]);
  const { calls, newestStartedAt: newestCallAt } = summary;
  const counts = { calls, newestCallAt, rejects, unreadableAmounts };
  return { ...counts, ...ofTranscripts, checkpoint, limit, outage, zoneMismatch, invoices };
}

async function transcriptFacts(
  store: Store,
  account: string,
): Promise<Pick<StoredFacts, 'looks' | 'readability' | 'transcriptsState'>> {
  const [looks, readability, transcriptsState] = await Promise.all([
    store.transcripts.summary(account),
    store.transcripts.readability(account),
    store.limits.transcriptsState(account),
  ]);
  return { looks, readability, transcriptsState };
}

type RunFacts = Pick<
  AccountStatus,
  'firstAttemptAt' | 'schedules' | 'lastDrain' | 'failedDrains' | 'backfills' | 'stuckRuns' | 'workers'
>;

async function runFacts({ account, client, now }: StatusOf): Promise<RunFacts> {
  const { name } = account;
  const { poll } = BY_SOURCE[account.source];
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

/** The run that was started last of those that bring new calls in: a drain, or asking about invoices. */
export function lastPoll(client: Client, { source, name }: Account): Promise<LastRun | null> {
  return lastRun(client, BY_SOURCE[source].poll, name);
}

/** A drain that fails does not count any more once another has read something. */
function failedSince(failed: FailedRuns | null, readAt: Date | null): FailedRuns | null {
  return failed !== null && readAt !== null && readAt > failed.endedAt ? null : failed;
}

async function zoneMismatchOf(account: Account, store: Store): Promise<ZoneNote | null> {
  switch (account.source) {
    case 'invoca': {
      const { name, timeZone } = account;
      return timeZone === null ? null : store.limits.zoneMismatch({ account: name, timeZone });
    }
    case 'credira':
      return null;
  }
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

/** One that failed is shown until another has begun that covers its days. */
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
