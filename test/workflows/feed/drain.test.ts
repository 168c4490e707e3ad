import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { answerWith } from '../../../src/sample/faults.js';
import { createSampleFeed } from '../../../src/sample/feed/feed.js';
import type { DrainHandle } from '../../../src/temporal/runs/account-workflows.js';
import { progressOf, failureMessage } from '../../../src/temporal/runs/run-state.js';
import { lastRun } from '../../../src/temporal/runs/past-runs.js';
import { drainProgressQuery, type DrainProgress } from '../../../src/workflows/feed/drain-progress.js';
import {
  accountWorkflowId,
  DRAIN,
  liveStream,
  searchAttributesOf,
  WORKFLOW_TASK_QUEUE,
} from '../../../src/workflows/ids.js';
import { startDrainWorld } from '../../support/drain-world.js';
import { clientOf, minimalRows, startInvoca } from '../../support/fake-invoca.js';
import { startGrowingFeed } from '../../support/growing-feed.js';
import { expectedCalls, storedMeanings } from '../../support/stored-calls.js';
import { useTestNamespace } from '../../support/temporal-namespace.js';
import { useTestDatabase } from '../../support/test-database.js';

const servers = { temporal: useTestNamespace(), mongodb: useTestDatabase() };
const feed = createSampleFeed({ seed: 7, endsAt: new Date('2025-06-09T00:00:00Z'), calls: 120 });

/** Returns the first progress that meets the condition; the timeout of the test limits the wait. */
async function progressWhere(handle: DrainHandle, isSo: (progress: DrainProgress) => boolean): Promise<DrainProgress> {
  for (;;) {
    const progress = await progressOf(handle, drainProgressQuery);
    if (progress !== null && isSo(progress)) return progress;
    await sleep(50);
  }
}

describe('drain', () => {
  it('stores every call of the feed, merged, and leaves the cursor at the last row', async () => {
    const world = await startDrainWorld({ servers, invoca: { feed } });
    const expected = await expectedCalls(world.feed.client);

    const result = await (await world.startDrain()).result();

    const stored = await storedMeanings({
      store: servers.mongodb.store,
      account: world.account,
      callIds: expected.keys(),
    });
    expect(stored).toEqual(expected);
    expect(result).toMatchObject({ rows: feed.rows.length, rejects: 0, ended: 'caught-up' });
    expect(result.pages).toBe(Math.ceil(feed.rows.length / 100));
    const checkpoint = await servers.mongodb.store.checkpoints.read(liveStream(world.account));
    expect(checkpoint).toMatchObject({ cursor: result.cursor, seq: result.pages, totals: { rows: feed.rows.length } });
    expect(checkpoint?.caughtUpAt).toBeInstanceOf(Date);
  });

  it('continues after the previous drain, and reads nothing twice', async () => {
    const rows = minimalRows(250);
    const world = await startDrainWorld({ servers, invoca: { rows } });
    await (await world.startDrain()).result();

    const again = await (await world.startDrain()).result();

    expect(again).toMatchObject({ pages: 0, rows: 0, calls: 0, cursor: '9750-0000' });
    const cursors = world.invoca.requests.map(({ query }) => query['start_after_transaction_id']);
    expect(cursors).toEqual([undefined, '9900-0000', '9800-0000', '9750-0000', '9750-0000']);
  });

  it('ends although the feed grows faster than it is read, with all that was there when it began', async () => {
    const invoca = await startInvoca();
    const client = clientOf(invoca, { baseUrl: await startGrowingFeed() });
    const world = await startDrainWorld({ servers, invoca: {}, feed: { client, pageLimit: 100 } });

    const result = await (await world.startDrain()).result();

    expect(result).toMatchObject({ pages: 20, rows: 20, calls: 20, ended: 'caught-up', cursor: '00000020-0000' });
    const checkpoint = await servers.mongodb.store.checkpoints.read(liveStream(world.account));
    const call = await servers.mongodb.store.calls.find({ account: world.account, id: 'CALL-20' });
    expect(checkpoint).toMatchObject({ seq: 20, shortPages: 0, caughtUpAt: call?.startedAt });
  });

  it('gives the same result when it continues as new after every second page', async () => {
    const world = await startDrainWorld({ servers, invoca: { feed } });
    const expected = await expectedCalls(world.feed.client);

    const handle = await servers.temporal.client.workflow.start('drain', {
      args: [{ account: world.account, maxPagesPerRun: 2 }],
      workflowId: accountWorkflowId(DRAIN, world.account),
      taskQueue: WORKFLOW_TASK_QUEUE,
      typedSearchAttributes: searchAttributesOf({ account: world.account, mode: 'live' }),
    });
    const result: unknown = await handle.result();

    expect(result).toMatchObject({ rows: feed.rows.length, pages: Math.ceil(feed.rows.length / 100) });
    const { runId } = await servers.temporal.client.workflow.getHandle(handle.workflowId).describe();
    expect(runId, 'the last run is not the first').not.toBe(handle.firstExecutionRunId);
    const stored = await storedMeanings({
      store: servers.mongodb.store,
      account: world.account,
      callIds: expected.keys(),
    });
    expect(stored).toEqual(expected);
  });

  it('asks again after a short hold', async () => {
    const world = await startDrainWorld({ servers, invoca: { rows: minimalRows(3) } });
    world.invoca.plan({ answer: answerWith({ status: 429, headers: { 'retry-after': '1' } }) });

    const result = await (await world.startDrain()).result();

    expect(result).toMatchObject({ rows: 3, ended: 'caught-up' });
    const [refused, next] = world.invoca.requests.map(({ at }) => at.getTime());
    expect(next).toBeGreaterThanOrEqual((refused ?? Infinity) + 1_000);
  });

  it('shows a long hold and makes no request meanwhile', async () => {
    const world = await startDrainWorld({ servers, invoca: { rows: minimalRows(3) } });
    world.invoca.plan({ answer: answerWith({ status: 429, headers: { 'retry-after': '600' } }) });

    const handle = await world.startDrain();
    const { waiting } = await progressWhere(handle, (progress) => progress.waiting !== null);

    expect(waiting?.reason).toContain('429');
    expect(Date.parse(waiting?.until ?? '')).toBeGreaterThan(Date.now() + 500_000);
    expect(world.invoca.requests).toHaveLength(1);
    await handle.terminate('the test has seen it wait');
  });

  it('shows an outage after the third failure in a row', async () => {
    const world = await startDrainWorld({ servers, invoca: { rows: minimalRows(3) } });
    world.invoca.plan({ times: 3, answer: answerWith({ status: 503, body: '<html>maintenance</html>' }) });

    const handle = await world.startDrain();
    const { waiting } = await progressWhere(handle, (progress) => progress.waiting !== null);

    expect(waiting?.reason).toContain('503');
    expect(world.invoca.requests).toHaveLength(3);
    await handle.terminate('the test has seen it wait');
  });

  it('asks for half the page when the source is too slow for a whole one', async () => {
    const world = await startDrainWorld({ servers, invoca: { rows: minimalRows(300) }, feed: { pageLimit: 250 } });
    world.invoca.plan({ answer: answerWith({ status: 504, body: '<html>timeout</html>' }) });

    const result = await (await world.startDrain()).result();

    expect(result.rows).toBe(300);
    expect(world.invoca.requests.map(({ query }) => query['limit'])).toEqual(['250', '125', '125', '125', '125']);
  });

  it('fails at once on a wrong token, and drains with the right one', async () => {
    const world = await startDrainWorld({ servers, invoca: { rows: minimalRows(3) } });
    world.invoca.plan({ answer: answerWith({ status: 401, body: '{"errors":{"class":"UnauthorizedOperation"}}' }) });

    const error: unknown = await (await world.startDrain()).result().catch((reason: unknown) => reason);

    expect(failureMessage(error)).toMatch(/401.*token/s);
    expect(world.invoca.requests).toHaveLength(1);
    expect(await (await world.startDrain()).result()).toMatchObject({ rows: 3 });
  });

  it('fails and names the cursor when the source repeats its pages', async () => {
    const world = await startDrainWorld({ servers, invoca: { rows: minimalRows(300) } });
    const firstPage = JSON.stringify(minimalRows(100));
    world.invoca.plan({
      when: ({ query }) => query['start_after_transaction_id'] === '9800-0000',
      answer: answerWith({ status: 200, body: firstPage }),
    });

    const error: unknown = await (await world.startDrain()).result().catch((reason: unknown) => reason);

    expect(failureMessage(error)).toContain('repeats its pages');
    const checkpoint = await servers.mongodb.store.checkpoints.read(liveStream(world.account));
    expect(checkpoint).toMatchObject({ cursor: '9800-0000', seq: 2 });
  });

  it('can be found as the last drain of its account, with its failure', async () => {
    const world = await startDrainWorld({ servers, invoca: { rows: minimalRows(1) } });
    world.invoca.plan({ answer: answerWith({ status: 404, body: '' }) });
    await (await world.startDrain()).result().catch(() => undefined);

    await expect
      .poll(() => lastRun(servers.temporal.client, DRAIN, world.account), { timeout: 20_000 })
      .toMatchObject({ state: 'failed', failure: expect.stringContaining('404') as string });
  });
});
