import type { Account } from '../settings/accounts.js';
import { NOT_COUNTED } from '../store/counts/count-run.js';
import type { Checkpoint } from '../store/feed/checkpoint-types.js';
import type { InvoiceSummary } from '../store/invoices/invoice-summary.js';
import type { Hold } from '../store/limits/holds.js';
import type { Outage } from '../store/limits/outages.js';
import type { TranscriptsState } from '../store/limits/transcript-holds.js';
import { NO_LIMITS } from '../store/limits/limits.js';
import { notesOf, type ZoneNote } from '../store/limits/zone-notes.js';
import { NO_NUDGES, type NudgeSummary } from '../store/nudges/nudges.js';
import type { Store } from '../store/store.js';
import type { Readability, TranscriptSummary } from '../store/transcripts/transcript-summary.js';
import { liveStream } from '../workflows/ids.js';

/** Counts and conditions of an account in MongoDB, as `status` shows them. */
export interface StoredCounts {
  /** Null if no worker has counted the calls yet, and they are too many to count when asked. */
  readonly calls: number | null;
  /** Instant at which a worker counted calls and transcripts; null if that was done just now, or not yet. */
  readonly countedAt: Date | null;
  readonly newestCallAt: Date | null;
  readonly rejects: number;
  /** Number of amounts of money that cannot be read for certain and count as not stated. */
  readonly unreadableAmounts: number;
  /** The source's outage: its start and its reason; null if there is none. */
  readonly outage: Outage | null;
  /** The row that contradicts the time zone setting; null if there is none. */
  readonly zoneMismatch: ZoneNote | null;
  /** The row whose offset in the platform's zone is not that of the token's; null if there is none. */
  readonly platformZoneMismatch: ZoneNote | null;
  /** Summary of the invoices of a Credira account; null for others. */
  readonly invoices: InvoiceSummary | null;
  /** Counts of the account's webhooks, and the instant of the last one. */
  readonly nudges: NudgeSummary;
}

export interface StoredFacts extends StoredCounts {
  readonly checkpoint: Checkpoint | null;
  readonly looks: TranscriptSummary;
  /** Instant of the next look that was not due when the calls were counted; null if there was none. */
  readonly nextLookAt: Date | null;
  readonly readability: Readability;
  readonly transcriptsState: TranscriptsState;
  readonly limit: Hold | null;
}

/**
 * Reads what MongoDB says of the accounts, each collection with one request. Returns a function that gives the facts of
 * one of them.
 */
export async function storedFacts({
  accounts,
  store,
  now,
}: {
  readonly accounts: readonly Account[];
  readonly store: Store;
  readonly now: Date;
}): Promise<(account: Account) => StoredFacts> {
  const names = accounts.map(({ name }) => name);
  const [counts, limits, outages, rejects, unreadableAmounts, checkpoints, invoices, nudges] = await Promise.all([
    store.callCounts.readMany(names, now),
    store.limits.readMany(names),
    store.outages.readMany(names),
    store.rejects.countMany(names),
    store.calls.countUnreadableAmounts(names),
    store.checkpoints.readMany(names.map(liveStream)),
    store.invoices.summaries(
      accounts.filter(({ source }) => source === 'credira').map(({ name }) => name),
      now,
    ),
    store.nudges.readMany(names),
  ]);
  return (account) => {
    const { name } = account;
    const {
      newestStartedAt: newestCallAt,
      calls,
      countedAt,
      readability,
      nextLookAt,
      ...looks
    } = counts.get(name) ?? NOT_COUNTED;
    const { hold, transcripts: transcriptsState, zones } = limits.get(name) ?? NO_LIMITS;
    const notes = notesOf(zones, account.source === 'invoca' ? account.timeZone : null);
    return {
      ...{ calls, countedAt, newestCallAt, readability, looks, nextLookAt, transcriptsState, limit: hold },
      ...{ zoneMismatch: notes['time-zone'], platformZoneMismatch: notes['platform-time-zone'] },
      outage: outages.get(name) ?? null,
      rejects: rejects.get(name) ?? 0,
      unreadableAmounts: unreadableAmounts.get(name) ?? 0,
      checkpoint: checkpoints.get(liveStream(name)) ?? null,
      invoices: invoices.get(name) ?? null,
      nudges: nudges.get(name) ?? NO_NUDGES,
    };
  };
}
