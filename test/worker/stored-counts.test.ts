import { randomUUID } from 'node:crypto';
import { DefaultLogger, type LogEntry } from '@temporalio/worker';
import { describe, expect, it } from 'vitest';
import type { Backfill } from '../../src/temporal/runs/backfills.js';
import { recordStoredCounts, type StoredCountsInput } from '../../src/worker/stored-counts.js';
import { readableMetrics } from '../support/readable-metrics.js';
import { useTestDatabase } from '../support/test-database.js';

const mongodb = useTestDatabase();

function anAccount(): string {
  return `a-${randomUUID().slice(0, 8)}`;
}

/** Counts once for an account and returns the gauges, with the warnings. */
async function countsOf(account: string, input: Partial<StoredCountsInput> = {}) {
  const { metrics, values } = readableMetrics();
  const warnings: LogEntry[] = [];
  await recordStoredCounts({
    accounts: [{ name: account }],
    store: mongodb.store,
    listBackfills: () => Promise.resolve([]),
    metrics,
    logger: new DefaultLogger('WARN', (entry) => warnings.push(entry)),
    signal: new AbortController().signal,
    ...input,
  });
  return { values: Object.fromEntries(values), warnings: warnings.map(({ message }) => message) };
}

function backfillOf(account: string, windows: Record<string, number> | null): Backfill {
  const progress = windows === null ? null : { windows };
  return { options: { account }, progress } as unknown as Backfill;
}

describe('the counts of an account', () => {
  it('are those of its rejects, its calls by the status of their transcript, and its due transcripts', async () => {
    const account = anAccount();
    const at = new Date('2025-06-02T12:00:00Z');
    const lost = { transactionId: null, reason: 'no-call-id', raw: '{}' };
    await mongodb.store.rejects.record({ account, origin: 'a/1', rejects: [lost], seenAt: at });
    const transcript = { status: 'pending', lane: 'fresh', nextAttemptAt: at };
    const call: { _id: string } = { _id: `${account}:1`, ...{ account, startedAt: at, transcript } };
    await mongodb.db.collection<{ _id: string }>('calls').insertOne(call);

    const { values, warnings } = await countsOf(account);

    expect(warnings).toEqual([]);
    expect(values).toMatchObject({
      rejects_stored: 1,
      'calls transcript=pending': 1,
      'calls transcript=available': 0,
      transcripts_due: 1,
      backfills_running: 0,
      'backfill_windows state=left': 0,
    });
  });

  it('add up its running backfills, and keep their windows while no worker answers for one', async () => {
    const account = anAccount();
    const windows = { done: 1, running: 2, left: 3, failed: 0 };
    const all = [backfillOf(account, windows), backfillOf(account, windows), backfillOf(anAccount(), windows)];
    const counted = await countsOf(account, { listBackfills: () => Promise.resolve(all) });
    const silent = [backfillOf(account, windows), backfillOf(account, null)];
    const kept = await countsOf(account, { listBackfills: () => Promise.resolve(silent) });

    expect(counted.values).toMatchObject({
      backfills_running: 2,
      'backfill_windows state=done': 2,
      'backfill_windows state=running': 4,
      'backfill_windows state=left': 6,
      'backfill_windows state=failed': 0,
    });
    expect(kept.values).toMatchObject({ backfills_running: 2 });
    expect(kept.values).not.toHaveProperty(['backfill_windows state=done']);
  });

  it('are those that can be read: the others are warned of', async () => {
    const listBackfills = () => Promise.reject(new Error('Temporal is away'));
    const { values, warnings } = await countsOf(anAccount(), { listBackfills });

    expect(values).toMatchObject({ rejects_stored: 0 });
    expect(values).not.toHaveProperty('backfills_running');
    expect(warnings).toEqual(['Cannot update the counts of backfills']);
  });
});
