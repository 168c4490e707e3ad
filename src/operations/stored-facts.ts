import type { Account } from '../settings/accounts.js';
import type { Checkpoint } from '../store/feed/checkpoint-types.js';
import type { InvoiceSummary } from '../store/invoices/invoice-summary.js';
import type { Hold } from '../store/limits/holds.js';
import type { Outage } from '../store/limits/outages.js';
import type { TranscriptsState } from '../store/limits/transcript-holds.js';
import type { ZoneNote } from '../store/limits/zone-notes.js';
import type { NudgeSummary } from '../store/nudges/nudges.js';
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

interface StoredFacts extends StoredCounts {
  readonly checkpoint: Checkpoint | null;
  readonly looks: TranscriptSummary;
  readonly readability: Readability;
  readonly transcriptsState: TranscriptsState;
  readonly limit: Hold | null;
}

/** Reads what MongoDB says of an account. */
export async function storedFacts({ account, store }: { account: Account; store: Store }): Promise<StoredFacts> {
  const { name } = account;
  const [counted, transcriptsState, rejects, unreadableAmounts, limit, outage, zones, checkpoint, invoices, nudges] =
    await Promise.all([
      store.callCounts.read(name),
      store.limits.transcriptsState(name),
      store.rejects.count(name),
      store.calls.countUnreadableAmounts(name),
      store.limits.read(name),
      store.outages.read(name),
      store.limits.zoneNotes({ account: name, timeZone: account.source === 'invoca' ? account.timeZone : null }),
      store.checkpoints.read(liveStream(name)),
      account.source === 'credira' ? store.invoices.summary(name) : null,
      store.nudges.read(name),
    ]);
  const { calls, newestStartedAt: newestCallAt, countedAt, readability, ...looks } = counted;
  const counts = { calls, countedAt, newestCallAt, rejects, unreadableAmounts };
  const zoneFacts = { zoneMismatch: zones['time-zone'], platformZoneMismatch: zones['platform-time-zone'] };
  const ofTranscripts = { looks, readability, transcriptsState };
  return { ...counts, ...ofTranscripts, ...zoneFacts, checkpoint, limit, outage, invoices, nudges };
}
