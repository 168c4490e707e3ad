import { describe, expect, it } from 'vitest';
import { answerWith } from '../../../src/sample/faults.js';
import { createSampleFeed } from '../../../src/sample/feed/feed.js';
import {
  describeBackfill,
  listBackfills,
  startBackfill,
  type StartedBackfill,
} from '../../../src/temporal/runs/backfills.js';
import { failureMessage } from '../../../src/temporal/runs/run-state.js';
import type { BackfillInput } from '../../../src/workflows/backfill/backfill.js';
import type { BackfillOptions } from '../../../src/workflows/backfill/backfill-progress.js';
import { backfillWorkflowId, liveStream, searchAttributesOf, WORKFLOW_TASK_QUEUE } from '../../../src/workflows/ids.js';
import { holdAnswers, tenDays, tenDaysOfRows, windowsAsked } from '../../support/backfills.js';
import { startDrainWorld, type DrainWorld } from '../../support/drain-world.js';
import { expectedCalls, storedMeanings } from '../../support/stored-calls.js';
import { useTestNamespace } from '../../support/temporal-namespace.js';
import { useTestDatabase } from '../../support/test-database.js';

const servers = { temporal: useTestNamespace(), mongodb: useTestDatabase() };
const feed = createSampleFeed({ seed: 7, endsAt: new Date('2025-06-09T00:00:00Z'), calls: 120 });
const timeZone = 'America/Los_Angeles';

function sampleWorld(): Promise<DrainWorld> {
  return startDrainWorld({ servers, invoca: { feed, timeZone }, feed: { timeZone } });
}

/** Starts a backfill over all days of the sample feed. */
function start(world: DrainWorld, options: Partial<BackfillOptions> = {}): Promise<StartedBackfill> {
  const range = { from: '2025-05-01', to: '2025-06-30', windowDays: 7 };
  return startBackfill(servers.temporal.client, tenDays(world.account, { ...range, ...options }));
}

async function storedOf(world: DrainWorld, callIds: Iterable<string>) {
  return storedMeanings({ store: servers.mongodb.store, account: world.account, callIds });
}

/**
 * Starts a backfill as `startBackfill` does, but with short runs, and with a memo that is out of date, as after an
 * operator has set the parallel windows: only the runs after the first can show the right options.
 */
function startShortRuns(input: BackfillInput) {
  const { maxWindowsPerRun: _, maxPagesPerRun: __, ...options } = input;
  return servers.temporal.client.workflow.start('backfill', {
    args: [input],
    workflowId: backfillWorkflowId(input),
    taskQueue: WORKFLOW_TASK_QUEUE,
    typedSearchAttributes: searchAttributesOf({ account: input.account, mode: 'backfill' }),
    memo: { options: { ...options, parallel: options.parallel + 1 } },
  });
}

describe('backfill', { timeout: 60_000 }, () => {
  it('stores every call of its days, and does not touch the live cursor', async () => {
    const world = await sampleWorld();
    const expected = await expectedCalls(world.feed.client);
    const { checkpoints } = servers.mongodb.store;
    await checkpoints.open({
      stream: liveStream(world.account),
      account: world.account,
      cursor: 'NONE',
      pageLimit: 50,
    });
    const live = await checkpoints.read(liveStream(world.account));
    const before = world.invoca.requests.length;

    const result = await (await start(world)).handle.result();

    expect(await storedOf(world, expected.keys())).toEqual(expected);
    expect(result).toMatchObject({ windows: 9, skipped: 0, rows: feed.rows.length, state: 'completed', cursor: null });
    expect(await checkpoints.read(liveStream(world.account))).toEqual(live);
    const asked = world.invoca.requests.slice(before);
    expect(asked.every(({ query }) => query['from'] !== undefined && query['to'] !== undefined)).toBe(true);
    expect(asked.map(({ query }) => query['start_after_transaction_id'])).not.toContain('NONE');
  });

  it.each([
    ['after the live drain', async (live: Run, past: Run) => [await live(), await past()]],
    ['before the live drain', async (live: Run, past: Run) => [await past(), await live()]],
    ['beside the live drain', (live: Run, past: Run) => Promise.all([live(), past()])],
  ])('leaves the same documents %s', async (_when, run) => {
    const world = await sampleWorld();
    const expected = await expectedCalls(world.feed.client);

    await run(
      async () => (await world.startDrain()).result(),
      async () => (await start(world)).handle.result(),
    );

    expect(await storedOf(world, expected.keys())).toEqual(expected);
    const checkpoint = await servers.mongodb.store.checkpoints.read(liveStream(world.account));
    expect(checkpoint?.totals.rows).toBe(feed.rows.length);
  });

  it('leaves the same documents when ended in the middle and started again', async () => {
    const world = await sampleWorld();
    const expected = await expectedCalls(world.feed.client);
    const first = await start(world, { parallel: 2 });
    const held = holdAnswers(world, {
      times: 2,
      when: ({ query }) => query['start_after_transaction_id'] !== undefined,
    });
    await held.waitFor(2);
    await first.handle.terminate('an operator in a hurry');
    await world.startDrain();
    held.release();

    const again = await start(world, { newestFirst: true });
    const result = await again.handle.result();

    expect(again.attached).toBe(false);
    expect(result).toMatchObject({ windows: 9, rows: feed.rows.length });
    expect(await storedOf(world, expected.keys())).toEqual(expected);
  });

  it('gives the same result, and shows its options and its start, when it and its windows continue as new again and again', async () => {
    const world = await sampleWorld();
    const expected = await expectedCalls(world.feed.client);
    const options = tenDays(world.account, { from: '2025-05-01', to: '2025-06-30', windowDays: 7, parallel: 2 });

    const handle = await startShortRuns({ ...options, maxWindowsPerRun: 2, maxPagesPerRun: 1 });
    const result: unknown = await handle.result();

    expect(result).toMatchObject({ windows: 9, rows: feed.rows.length, state: 'completed' });
    expect(await storedOf(world, expected.keys())).toEqual(expected);
    const last = await servers.temporal.client.workflow.getHandle(handle.workflowId).describe();
    expect(last.runId, 'the last run is not the first').not.toBe(handle.firstExecutionRunId);
    const { startTime: startedAt } = await servers.temporal.client.workflow
      .getHandle(handle.workflowId, handle.firstExecutionRunId)
      .describe();
    expect(startedAt.getTime(), 'the first run has started before the last').toBeLessThan(last.startTime.getTime());
    const shown = { options, result, startedAt };
    expect(await describeBackfill(servers.temporal.client, handle.workflowId)).toMatchObject(shown);
    await expect.poll(() => listBackfills(servers.temporal.client, world.account)).toMatchObject([shown]);
    const streams = await servers.mongodb.store.checkpoints.list(world.account);
    expect(streams).toHaveLength(9);
    expect(streams.every(({ stream }) => stream.endsWith(`#${handle.firstExecutionRunId}`))).toBe(true);
  });

  it('begins with the newest window if asked to', async () => {
    const world = await tenDayWorld();

    await (await tenDayBackfill(world, { newestFirst: true, parallel: 1, windowDays: 3 })).handle.result();

    expect([...new Set(windowsAsked(world))]).toEqual([
      '2024-05-10..2024-05-10',
      '2024-05-07..2024-05-09',
      '2024-05-04..2024-05-06',
      '2024-05-01..2024-05-03',
    ]);
  });

  it('skips the windows whose days are all complete, unless asked to read all again', async () => {
    const world = await tenDayWorld();
    await (await tenDayBackfill(world, { from: '2024-05-03', to: '2024-05-07' })).handle.result();
    const before = world.invoca.requests.length;

    const missing = await (await tenDayBackfill(world, { reprocess: 'missing', windowDays: 2 })).handle.result();

    expect(missing).toMatchObject({ windows: 3, skipped: 2, rows: 12, calls: 10 });
    expect(new Set(windowsAsked(world).slice(before))).toEqual(
      new Set(['2024-05-01..2024-05-02', '2024-05-07..2024-05-08', '2024-05-09..2024-05-10']),
    );
    const nothing = await (await tenDayBackfill(world, { reprocess: 'missing' })).handle.result();
    expect(nothing).toMatchObject({ windows: 0, skipped: 10, rows: 0 });
    const everything = await (await tenDayBackfill(world, { reprocess: 'all' })).handle.result();
    expect(everything).toMatchObject({ windows: 10, skipped: 0, rows: 20, calls: 0 });
  });

  it('reads again only the window that did not reach its end', async () => {
    const world = await tenDayWorld();
    world.invoca.plan({
      when: ({ query }) => query['from'] === '2024-05-04' && query['start_after_transaction_id'] !== undefined,
      answer: answerWith({ status: 200, body: JSON.stringify(tenDaysOfRows(2).slice(6, 8)) }),
    });
    const failed: unknown = await (await tenDayBackfill(world)).handle.result().catch((error: unknown) => error);
    expect(failureMessage(failed)).toMatch(/not read to their end: 2024-05-04\.\.2024-05-04\. .*repeats its pages/);
    const before = world.invoca.requests.length;

    const mended = await (await tenDayBackfill(world, { reprocess: 'missing' })).handle.result();

    expect(mended).toMatchObject({ windows: 1, skipped: 9 });
    expect(new Set(windowsAsked(world).slice(before))).toEqual(new Set(['2024-05-04..2024-05-04']));
  });

  it('starts no further window after a refusal, and names the missing days', async () => {
    const world = await tenDayWorld();
    world.invoca.plan({ when: ({ query }) => query['from'] === '2024-05-03', answer: answerWith({ status: 401 }) });

    const { handle } = await tenDayBackfill(world, { parallel: 1 });
    const error: unknown = await handle.result().catch((reason: unknown) => reason);

    expect(failureMessage(error)).toMatch(/2024-05-03\.\.2024-05-10\. .*401.*token/s);
    expect(new Set(windowsAsked(world))).toHaveLength(3);
    expect(await describeBackfill(servers.temporal.client, handle.workflowId)).toMatchObject({
      state: 'failed',
      failure: expect.stringContaining('401') as string,
    });
  });

  it('plans no transcripts for the calls it finds if asked to, and leaves those of other calls', async () => {
    const transcripts = { enabled: true, maxAgeMs: null, delaysMs: [1_000], deadlineMs: 2_000 };
    const world = await tenDayWorld({ transcripts });
    await (await tenDayBackfill(world, { from: '2024-05-10' })).handle.result();

    await (await tenDayBackfill(world, { transcripts: 'none' })).handle.result();

    const { byStatus } = await servers.mongodb.store.callCounts.read(world.account);
    expect(byStatus).toEqual({ pending: 2, off: 18 });
    const call = await servers.mongodb.store.calls.find({ account: world.account, id: 'CALL-0' });
    expect(call?.transcript.reason).toContain('backfill');
  });
});

type Run = () => Promise<unknown>;

/** Starts a world with two calls on each of ten days. */
function tenDayWorld(feedAccount: Partial<DrainWorld['feed']> = {}): Promise<DrainWorld> {
  const invoca = { rows: tenDaysOfRows(2), timeZone: 'UTC' };
  return startDrainWorld({ servers, invoca, feed: { timeZone: 'UTC', ...feedAccount } });
}

function tenDayBackfill(world: DrainWorld, options: Partial<BackfillOptions> = {}): Promise<StartedBackfill> {
  return startBackfill(servers.temporal.client, tenDays(world.account, options));
}
