import type { Account } from '../settings/accounts.js';
import { effectiveRate, type Hold, runningHold } from '../store/limits/holds.js';
import type { TranscriptsState } from '../store/limits/transcript-holds.js';
import type { Store } from '../store/store.js';
import { liveStream } from '../workflows/ids.js';
import type { Metrics } from './metrics.js';

/** The settings of an account that its gauges show or need. */
export type GaugedAccount = Pick<Account, 'name' | 'source' | 'requestsPerSecond' | 'pollIntervalMs'>;

export interface AccountGaugesInput {
  readonly metrics: Metrics;
  readonly store: Store;
  /** Start of this process. */
  readonly startedAt: Date;
}

/**
 * Sets the gauges of an account's freshness, holds and rate from MongoDB, so that every worker process reports the same
 * values. Reads a few single documents.
 */
export async function recordAccountGauges(input: AccountGaugesInput, account: GaugedAccount): Promise<void> {
  const { metrics, store, startedAt } = input;
  const { name, source, requestsPerSecond, pollIntervalMs } = account;
  const labels = { account: name };
  metrics.pollIntervalSeconds.set(pollIntervalMs / 1_000, labels);
  metrics.requestsPerSecondCeiling.set(requestsPerSecond, labels);

  const now = new Date();
  const [limits, checkpoint, outage, dueSince] = await Promise.all([
    store.limits.readAll(name),
    store.checkpoints.read(liveStream(name)),
    store.outages.read(name),
    source === 'credira' ? store.invoices.dueSince(name, now) : null,
  ]);
  recordHolds({ metrics, account, now, ...limits });
  metrics.outageSeconds.set(outage === null ? 0 : (now.getTime() - outage.since.getTime()) / 1_000, labels);
  const lastReadAt = checkpoint?.caughtUpAt ?? checkpoint?.firstAskedAt ?? outage?.since ?? startedAt;
  const caughtUpAt = source === 'credira' ? (earliest(dueSince, outage?.since) ?? now) : lastReadAt;
  metrics.caughtUpTimestampSeconds.set(caughtUpAt.getTime() / 1_000, labels);
  if (checkpoint?.caughtUpAt == null) return;
  metrics.checkpointLagSeconds.set((now.getTime() - checkpoint.caughtUpAt.getTime()) / 1_000, labels);
}

interface HoldsInput {
  readonly metrics: Metrics;
  readonly account: GaugedAccount;
  readonly now: Date;
  readonly hold: Hold | null;
  readonly transcripts: TranscriptsState;
}

function recordHolds({ metrics, account, now, hold, transcripts }: HoldsInput): void {
  const { name, requestsPerSecond: ceiling } = account;
  const secondsUntil = (at: Date | null | undefined): number =>
    at == null ? 0 : Math.max(0, (at.getTime() - now.getTime()) / 1_000);
  metrics.holds.set(hold?.epoch ?? 0, { account: name });
  metrics.holdSeconds.set(secondsUntil(runningHold(hold, now)?.until), { account: name });
  metrics.requestsPerSecond.set(effectiveRate({ rate: hold?.rate, ceiling }), { account: name });
  const { pausedUntil, rests } = transcripts;
  for (const [lane, until] of Object.entries({ all: pausedUntil, fresh: rests.fresh.until, old: rests.old.until })) {
    metrics.transcriptsHoldSeconds.set(secondsUntil(until), { account: name, lane });
  }
}

function earliest(a: Date | null, b: Date | null | undefined): Date | null {
  if (a === null || b == null) return a ?? b ?? null;
  return a < b ? a : b;
}
