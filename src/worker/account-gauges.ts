import type { Metrics } from './metrics.js';
import { effectiveRate, runningHold } from '../store/limits/running-hold.js';
import type { Store } from '../store/store.js';
import { liveStream } from '../workflows/ids.js';

export interface RecordGaugesInput {
  readonly metrics: Metrics;
  readonly store: Store;
  readonly account: string;
  /** Requests per second of the settings. */
  readonly ceiling: number;
}

/** Measures how the account stands in MongoDB: every worker process gives the same figures. */
export async function recordGauges({ metrics, store, account, ceiling }: RecordGaugesInput): Promise<void> {
  const now = new Date();
  const [hold, checkpoint] = await Promise.all([
    store.limits.read(account),
    store.checkpoints.read(liveStream(account)),
  ]);
  const holdMs = (runningHold(hold, now)?.until.getTime() ?? now.getTime()) - now.getTime();
  metrics.holds.set(hold?.epoch ?? 0, { account });
  metrics.holdSeconds.set(holdMs / 1_000, { account });
  metrics.requestsPerSecond.set(effectiveRate({ rate: hold?.rate, ceiling }), { account });
  if (checkpoint?.caughtUpAt == null) return;
  metrics.checkpointLagSeconds.set((now.getTime() - checkpoint.caughtUpAt.getTime()) / 1_000, { account });
}
