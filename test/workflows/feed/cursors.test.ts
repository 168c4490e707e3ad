import { describe, expect, it } from 'vitest';
import type { FeedAccount } from '../../../src/activities/dependencies.js';
import type { FakeInvocaOptions } from '../../../src/sample/fake-invoca.js';
import { answerWith } from '../../../src/sample/faults.js';
import { runningDrainId } from '../../../src/temporal/runs/account-workflows.js';
import { failureMessage } from '../../../src/temporal/runs/run-state.js';
import type { DrainResult } from '../../../src/workflows/feed/drain-progress.js';
import { liveStream } from '../../../src/workflows/ids.js';
import { startDrainWorld, type DrainWorld } from '../../support/drain-world.js';
import { minimalRows } from '../../support/fake-invoca.js';
import { useTestNamespace } from '../../support/temporal-namespace.js';
import { useTestDatabase } from '../../support/test-database.js';

const servers = { temporal: useTestNamespace(), mongodb: useTestDatabase() };
const { mongodb } = servers;

/** Pages of 100. */
function aWorld(invoca: FakeInvocaOptions, feed: Partial<FeedAccount> = {}): Promise<DrainWorld> {
  return startDrainWorld({ servers, invoca, feed });
}

/** Starts a new drain: waits until the previous one counts as ended, because a start attaches to a running one. */
async function drain(world: DrainWorld): Promise<DrainResult> {
  await expect.poll(() => runningDrainId(servers.temporal.client, world.account), { timeout: 20_000 }).toBeNull();
  return (await world.startDrain()).result();
}

/** Returns the failure message of a drain. */
async function failureOfDrain(world: DrainWorld): Promise<string> {
  const error: unknown = await drain(world).catch((reason: unknown) => reason);
  return failureMessage(error);
}

function checkpointOf({ account }: DrainWorld) {
  return mongodb.store.checkpoints.read(liveStream(account));
}

function storedCalls({ account }: DrainWorld): Promise<number> {
  return mongodb.db.collection('calls').countDocuments({ account });
}

function pageRequests({ invoca }: DrainWorld): number {
  return invoca.requests.filter(({ query }) => query['transaction_id'] === undefined).length;
}

function probes({ invoca }: DrainWorld): unknown[] {
  return invoca.requests.map(({ query }) => query['transaction_id']).filter((id) => id !== undefined);
}

async function moveCursor(world: DrainWorld, to: string | null): Promise<void> {
  const { seq = 0, cursor: from = null } = (await checkpointOf(world)) ?? {};
  const change = { at: new Date(), from, to, by: 'ops@host', reason: 'a test' };
  await mongodb.store.checkpoints.move({ stream: liveStream(world.account), seq, cursor: to, change, gap: null });
}

describe('a drain from a cursor the source does not know', () => {
  it('does not take it as the end of the feed, and fails until the cursor is moved', async () => {
    const world = await aWorld({ rows: minimalRows(3), unknownCursor: 'empty' }, { startAfter: 'GONE-0001' });

    expect(await failureOfDrain(world)).toMatch(/GONE-0001.*cursor rewind/s);
    expect(probes(world)).toEqual(['GONE-0001']);
    expect(await checkpointOf(world)).toMatchObject({ caughtUpAt: null, cursorCheck: { isKnown: false } });

    expect(await failureOfDrain(world), 'the next drain').toContain('GONE-0001');
    expect(probes(world), 'asked once an hour').toEqual(['GONE-0001']);

    await moveCursor(world, null);
    expect(await drain(world)).toMatchObject({ rows: 3, ended: 'caught-up' });
  });

  it('names the cursor if the source refuses it', async () => {
    const world = await aWorld({ rows: minimalRows(3), unknownCursor: 'refuse' }, { startAfter: 'GONE-0001' });

    expect(await failureOfDrain(world)).toMatch(/403.*GONE-0001.*cursor rewind/s);
  });

  it('loses nothing if the source starts at the oldest row again', async () => {
    const world = await aWorld({ rows: minimalRows(150), unknownCursor: 'restart' }, { startAfter: 'GONE-0001' });

    expect(await drain(world)).toMatchObject({ rows: 150, calls: 150, cursor: '9850-0000' });
  });
});

describe('a cursor at the end of a quiet feed', () => {
  it('is probed once an hour, and then counts as the end of the feed', async () => {
    const world = await aWorld({ rows: minimalRows(3) }, { startAfter: '9997-0000' });

    expect(await drain(world)).toMatchObject({ ended: 'caught-up', rows: 0 });
    expect(await drain(world)).toMatchObject({ ended: 'caught-up', rows: 0 });

    expect(probes(world)).toEqual(['9997-0000']);
    expect(pageRequests(world)).toBe(2);
    const checkpoint = await checkpointOf(world);
    expect(checkpoint).toMatchObject({ cursorCheck: { cursor: '9997-0000', isKnown: true } });
    expect(checkpoint?.caughtUpAt).toBeInstanceOf(Date);
  });

  it('is not probed if the source has just returned it', async () => {
    const world = await aWorld({ rows: minimalRows(3) });

    await drain(world);
    await drain(world);

    expect(probes(world)).toEqual([]);
  });

  it('is probed again after trouble with the source', async () => {
    const world = await aWorld({ rows: minimalRows(3) }, { startAfter: '9997-0000' });
    world.invoca.plan({
      when: ({ query }) => query['transaction_id'] !== undefined,
      answer: answerWith({ status: 429, headers: { 'retry-after': '1' } }),
    });

    expect(await drain(world)).toMatchObject({ ended: 'caught-up' });
    expect(probes(world)).toHaveLength(2);
  });
});

describe('a drain', () => {
  it('fails if the source ignores the cursor, and keeps the rows it read', async () => {
    const world = await aWorld({ rows: minimalRows(250), paging: { cursor: 'ignored' } });

    expect(await failureOfDrain(world)).toContain('repeats its pages');
    expect(await failureOfDrain(world), 'the next drain').toContain('repeats its pages');
    expect(await storedCalls(world)).toBe(100);
    expect(pageRequests(world)).toBe(3);
  });

  it('stores all rows of a page that has more than were asked for', async () => {
    const world = await aWorld({ rows: minimalRows(250), paging: { limit: 'ignored' } });

    expect(await drain(world)).toMatchObject({ pages: 1, rows: 250, calls: 250 });
  });

  it('does not take a short page as the end', async () => {
    const world = await aWorld({ rows: minimalRows(250), paging: { limit: 'shortened' } });

    expect(await drain(world)).toMatchObject({ pages: 8, rows: 250, calls: 250 });
  });

  it('ends if the last page is full', async () => {
    const world = await aWorld({ rows: minimalRows(200) });

    expect(await drain(world)).toMatchObject({ pages: 2, rows: 200, ended: 'caught-up' });
    expect(pageRequests(world)).toBe(3);
  });

  it('stores rows on two pages once', async () => {
    const rows = minimalRows(180);
    const world = await aWorld({ rows });
    world.invoca.plan({
      when: ({ query }) => query['start_after_transaction_id'] === '9900-0000',
      answer: answerWith({ status: 200, body: JSON.stringify(rows.slice(90)) }),
    });

    expect(await drain(world)).toMatchObject({ pages: 2, rows: 190, calls: 180 });
    expect(await mongodb.db.collection('calls').countDocuments({ account: world.account, revision: 1 })).toBe(180);
  });

  it('ends at a last row without an id, and continues when more rows follow', async () => {
    const nameless = { complete_call_id: 'CALL-X', transaction_type: 'Call', duration: 5 };
    const later = { row: { ...minimalRows(11)[10] }, availableAt: new Date(Date.now() + 3_600_000) };
    const rows = [...minimalRows(10), nameless].map((row) => ({ row, availableAt: new Date(0) }));
    let clockMs = Date.now();
    const world = await aWorld({ feed: { rows: [...rows, later] }, now: () => new Date(clockMs) });

    expect(await drain(world)).toMatchObject({ rows: 11, rejects: 1, cursor: '9990-0000', ended: 'caught-up' });
    expect(await drain(world)).toMatchObject({ ended: 'caught-up' });
    clockMs += 3_700_000;
    expect(await drain(world)).toMatchObject({ cursor: '9989-0000', ended: 'caught-up' });

    expect(await storedCalls(world)).toBe(11);
    expect(await mongodb.store.rejects.count(world.account)).toBe(1);
  });

  it('stops when an operator moves the cursor meanwhile', async () => {
    const world = await aWorld({ rows: minimalRows(250) });
    world.invoca.plan({
      when: ({ query }) => query['start_after_transaction_id'] === '9900-0000',
      answer: ({ response, regularAnswer }) => {
        const { status, headers, body } = regularAnswer();
        void moveCursor(world, 'AAAA-0001').then(() => response.writeHead(status, headers).end(body));
      },
    });

    expect(await drain(world)).toMatchObject({ pages: 1, ended: 'cursor-moved' });
    expect(await checkpointOf(world)).toMatchObject({ seq: 2, cursor: 'AAAA-0001', totals: { pages: 1, rows: 100 } });
  });
});
