import { describe, expect, it } from 'vitest';
import { createSampleFeed } from '../../src/sample/feed.js';
import { startBackfill, type StartedBackfill } from '../../src/temporal/backfills.js';
import type { BackfillOptions } from '../../src/workflows/backfill-progress.js';
import { liveStream } from '../../src/workflows/ids.js';
import { startDrainWorld, type DrainWorld } from '../support/drain-world.js';
import { expectedCalls, storedMeanings } from '../support/stored-calls.js';
import { useTestNamespace } from '../support/temporal-namespace.js';
import { useTestDatabase } from '../support/test-database.js';

const servers = { temporal: useTestNamespace(), mongodb: useTestDatabase() };
const feed = createSampleFeed({ seed: 7, endsAt: new Date('2025-06-09T00:00:00Z'), calls: 120 });
const timeZone = 'America/Los_Angeles';

function start(world: DrainWorld, options: Partial<BackfillOptions> = {}): Promise<StartedBackfill> {
  return startBackfill(servers.temporal.client, {
    account: world.account,
    from: '2025-05-01',
    to: '2025-06-30',
    windowDays: 7,
    parallel: 4,
    newestFirst: false,
    reprocess: 'all',
    transcripts: 'all',
    ...options,
  });
}

describe('backfill', () => {
  it('stores every call of its days, and leaves the live cursor alone', async () => {
    const world = await startDrainWorld({ servers, invoca: { feed, timeZone }, feed: { timeZone } });
    const expected = await expectedCalls(world.feed.client);

    const result = await (await start(world)).handle.result();

    const { store } = servers.mongodb;
    const stored = await storedMeanings({ store, account: world.account, callIds: expected.keys() });
    expect(stored).toEqual(expected);
    expect(result).toMatchObject({ windows: 9, skipped: 0, rows: feed.rows.length, state: 'completed', cursor: null });
    expect(await store.checkpoints.read(liveStream(world.account))).toBeNull();
  });
});
