import { setTimeout as sleep } from 'node:timers/promises';
import type { Logger } from '@temporalio/worker';
import { TRANSCRIPT_STATUSES } from '../domain/transcripts/transcript.js';
import { everyIntervalDuring } from '../process/every-interval.js';
import type { Store } from '../store/store.js';
import type { Backfill } from '../temporal/runs/backfills.js';
import type { Metrics } from './metrics.js';

const PAUSE_MS = 30_000;
/** Share of its time, at most, that a process reads for these counts, however slow the servers are. */
const BUSY_SHARE = 1 / 5;

export interface StoredCountsInput {
  readonly accounts: readonly { readonly name: string }[];
  readonly store: Store;
  /** Lists the running backfills of all accounts; rejects when the signal aborts. */
  readonly listBackfills: (signal: AbortSignal) => Promise<readonly Backfill[]>;
  readonly metrics: Metrics;
  readonly logger: Logger;
  readonly signal: AbortSignal;
}

/**
 * Runs `use`, and meanwhile counts for the metrics what is stored and which backfills run: one account after the other,
 * every 30 seconds or less often. Every worker process does this and sets the same values.
 */
export async function withStoredCounts<T>(input: StoredCountsInput, use: () => Promise<T>): Promise<T> {
  const each = async (signal: AbortSignal): Promise<void> => {
    const beganMs = performance.now();
    await recordStoredCounts({ ...input, signal });
    const tookMs = performance.now() - beganMs;
    await sleep(Math.max(0, tookMs / BUSY_SHARE - tookMs - PAUSE_MS), undefined, { signal });
  };
  return everyIntervalDuring({ pauseMs: PAUSE_MS, signal: input.signal, each }, use);
}

/** Sets all gauges once. What cannot be read keeps its value, with a warning. */
export async function recordStoredCounts(input: StoredCountsInput): Promise<void> {
  const { accounts, logger, signal } = input;
  for (const { name: account } of accounts) {
    if (signal.aborted) return;
    try {
      await recordCounts(input, account);
    } catch (error) {
      logger.warn('Cannot update the counts of an account', { account, error });
    }
  }
  if (accounts.length === 0) return;
  try {
    recordBackfills(input, await input.listBackfills(signal));
  } catch (error) {
    if (!signal.aborted) logger.warn('Cannot update the counts of backfills', { error });
  }
}

async function recordCounts({ metrics, store }: StoredCountsInput, account: string): Promise<void> {
  metrics.rejectsStored.set(await store.rejects.count(account), { account });
  const { calls, byStatus, dueNow } = await store.callCounts.read(account);
  // Too many calls to count now, and no worker has counted them yet.
  if (calls === null) return;
  for (const status of TRANSCRIPT_STATUSES) {
    metrics.calls.set(byStatus[status] ?? 0, { account, transcript: status });
  }
  metrics.transcriptsDue.set(dueNow, { account });
}

/** Sets the gauges of all accounts, so that those of an ended backfill return to 0. */
function recordBackfills({ metrics, accounts }: StoredCountsInput, backfills: readonly Backfill[]): void {
  for (const { name: account } of accounts) {
    const running = backfills.filter(({ options }) => options.account === account);
    metrics.backfillsRunning.set(running.length, { account });
    const windows = running.map(({ progress }) => progress?.windows ?? null);
    // No worker has answered for one of them: the last values are nearer to the truth than none.
    if (windows.includes(null)) continue;
    for (const state of ['done', 'running', 'left', 'failed'] as const) {
      const counted = windows.reduce((sum, each) => sum + (each?.[state] ?? 0), 0);
      metrics.backfillWindows.set(counted, { account, state });
    }
  }
}
