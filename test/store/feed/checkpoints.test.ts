import { describe, expect, it } from 'vitest';
import type { Receipt } from '../../../src/store/feed/checkpoint-types.js';
import { openStore } from '../../../src/store/store.js';
import { useTestDatabase } from '../../support/test-database.js';

const test = useTestDatabase();

const at = new Date('2026-03-02T10:00:00Z');

function aReceipt(overrides: Partial<Receipt> = {}): Receipt {
  return {
    runId: 'run-1',
    activityId: '7',
    drainId: 'drain-1',
    cursorIn: null,
    cursorOut: 'T-2',
    rows: 2,
    calls: 1,
    rejects: 0,
    at,
    ...overrides,
  };
}

function opened(stream: string) {
  return test.store.checkpoints.open({ stream, account: 'invoca', cursor: null, pageLimit: 4000 });
}

function page(stream: string, seq: number, receipt: Receipt = aReceipt()) {
  const counts = { cleanPages: seq + 1, shortPages: 0 };
  const cursor = receipt.cursorOut;
  return { stream, seq, cursor, pageLimit: 4000, ...counts, liveStart: null, receipt, caughtUpAt: null };
}

describe('checkpoints', () => {
  it('opens a stream at seq 0 with the cursor and page limit given', async () => {
    const start = { stream: 'live/start', account: 'invoca', cursor: 'T-0', pageLimit: 500 };
    expect(await test.store.checkpoints.open(start)).toEqual({
      ...start,
      window: null,
      liveStart: null,
      seq: 0,
      cleanPages: 0,
      shortPages: 0,
      receipt: null,
      firstAskedAt: null,
      lastPageAt: null,
      caughtUpAt: null,
      totals: { pages: 0, rows: 0 },
      cursorCheck: null,
      history: [],
      gaps: [],
    });
  });

  it('leaves a stream that exists unchanged when it is opened', async () => {
    await opened('live/again');
    await test.store.checkpoints.advance(page('live/again', 0));
    const again = await test.store.checkpoints.open({
      stream: 'live/again',
      account: 'invoca',
      cursor: 'T-other',
      pageLimit: 100,
    });
    expect(again).toMatchObject({ seq: 1, cursor: 'T-2', pageLimit: 4000 });
  });

  it('returns the same checkpoint to all that open a stream at once', async () => {
    const cursors = ['T-a', 'T-b', 'T-c', 'T-d', 'T-e', 'T-f'];
    const open = (cursor: string) =>
      test.store.checkpoints.open({ stream: 'live/race', account: 'invoca', cursor, pageLimit: 4000 });
    const checkpoints = await Promise.all(cursors.map(open));
    expect(new Set(checkpoints.map(({ cursor }) => cursor)).size).toBe(1);
  });

  it('returns null for a stream that was never opened', async () => {
    expect(await test.store.checkpoints.read('live/none')).toBeNull();
  });

  it('advances to the next seq with the receipt and the instant of the page', async () => {
    await opened('live/advance');
    const receipt = aReceipt();
    expect(await test.store.checkpoints.advance(page('live/advance', 0, receipt))).toBe('advanced');
    expect(await test.store.checkpoints.read('live/advance')).toMatchObject({
      seq: 1,
      cursor: 'T-2',
      cleanPages: 1,
      shortPages: 0,
      receipt,
      lastPageAt: at,
      caughtUpAt: null,
      totals: { pages: 1, rows: 2 },
    });
  });

  it('writes nothing at a seq that is no longer the present one', async () => {
    await opened('live/late');
    await test.store.checkpoints.advance(page('live/late', 0));
    const before = await test.store.checkpoints.read('live/late');
    const late = aReceipt({ runId: 'run-2', cursorOut: 'T-9' });
    expect(await test.store.checkpoints.advance(page('live/late', 0, late))).toBe('moved');
    expect(await test.store.checkpoints.caughtUp({ stream: 'live/late', seq: 0, at })).toBe('moved');
    expect(await test.store.checkpoints.setPageLimit({ stream: 'live/late', seq: 0, pageLimit: 1 })).toBe('moved');
    expect(await test.store.checkpoints.read('live/late')).toEqual(before);
  });

  it('lets exactly one of many writers at the same seq advance it, over any connection', async () => {
    await opened('live/many');
    const other = await openStore({ uri: test.uri, database: test.database });
    for (let seq = 0; seq < 20; seq += 1) {
      const receipts = Array.from({ length: 8 }, (_, writer) => aReceipt({ runId: `run-${seq}-${writer}` }));
      const outcomes = await Promise.all(
        receipts.map((receipt, writer) =>
          (writer % 2 === 0 ? test.store : other).checkpoints.advance(page('live/many', seq, receipt)),
        ),
      );
      const winners = receipts.filter((_, writer) => outcomes[writer] === 'advanced');
      const checkpoint = await test.store.checkpoints.read('live/many');
      expect(winners).toHaveLength(1);
      expect(checkpoint).toMatchObject({ seq: seq + 1, receipt: winners[0] });
    }
    await other.close();
  });

  it('remembers the end of the feed without a new seq', async () => {
    await opened('live/end');
    expect(await test.store.checkpoints.caughtUp({ stream: 'live/end', seq: 0, at })).toBe('advanced');
    expect(await test.store.checkpoints.read('live/end')).toMatchObject({ seq: 0, caughtUpAt: at, lastPageAt: null });
  });

  it('keeps the instant of its first page, full or empty', async () => {
    const later = new Date(at.getTime() + 60_000);
    await opened('live/first-full');
    await test.store.checkpoints.advance(page('live/first-full', 0));
    await test.store.checkpoints.advance(page('live/first-full', 1, aReceipt({ at: later })));
    await test.store.checkpoints.caughtUp({ stream: 'live/first-full', seq: 2, at: later });
    await opened('live/first-empty');
    await test.store.checkpoints.caughtUp({ stream: 'live/first-empty', seq: 0, at });
    await test.store.checkpoints.caughtUp({ stream: 'live/first-empty', seq: 0, at: later });

    for (const stream of ['live/first-full', 'live/first-empty']) {
      expect(await test.store.checkpoints.read(stream)).toMatchObject({ firstAskedAt: at, caughtUpAt: later });
    }
  });

  it('treats ids and cursors as text, whatever they look like', async () => {
    const stream = 'live/$seq';
    await opened(stream);
    await test.store.checkpoints.advance(page(stream, 0, aReceipt({ cursorOut: '$seq', drainId: '$$ROOT' })));

    expect(await test.store.checkpoints.read(stream)).toMatchObject({ cursor: '$seq', receipt: { drainId: '$$ROOT' } });
  });

  it('lists the streams of days that share a day, and distinguishes them from the live stream', async () => {
    const account = 'windowed';
    const live = await test.store.checkpoints.open({ stream: 'live/w', account, cursor: null, pageLimit: 4000 });
    for (const [from, to] of [
      ['2026-02-01', '2026-02-28'],
      ['2026-03-01', '2026-03-01'],
      ['2026-03-02', '2026-03-09'],
      ['2026-03-10', '2026-03-10'],
    ] as const) {
      const window = { from, to };
      await test.store.checkpoints.open({ stream: `w/${from}`, account, cursor: null, pageLimit: 4000, window });
    }
    const found = await test.store.checkpoints.listDaysStreams({
      account,
      days: { from: '2026-03-01', to: '2026-03-04' },
    });

    expect(found.map(({ stream }) => stream)).toEqual(['w/2026-03-01', 'w/2026-03-02']);
    expect(await test.store.checkpoints.readLive(account)).toEqual(live);
    expect(await test.store.checkpoints.readLive('nobody')).toBeNull();
  });

  it('starts counting clean pages again when the page limit changes', async () => {
    await opened('live/shrink');
    await test.store.checkpoints.advance(page('live/shrink', 0));
    await test.store.checkpoints.setPageLimit({ stream: 'live/shrink', seq: 1, pageLimit: 2000 });
    expect(await test.store.checkpoints.read('live/shrink')).toMatchObject({ seq: 1, pageLimit: 2000, cleanPages: 0 });
  });

  it('lists the streams of one account or of all', async () => {
    for (const [stream, account] of [
      ['live/b', 'second'],
      ['live/a', 'second'],
      ['live/c', 'third'],
    ] as const) {
      await test.store.checkpoints.open({ stream, account, cursor: null, pageLimit: 4000 });
    }
    const ofSecond = await test.store.checkpoints.list('second');
    expect(ofSecond.map(({ stream }) => stream)).toEqual(['live/a', 'live/b']);
    const all = await test.store.checkpoints.list();
    expect(all.map(({ stream }) => stream)).toEqual(expect.arrayContaining(['live/a', 'live/b', 'live/c']));
  });

  it('moves to the next seq for an operator, and keeps the change and what it may leave out', async () => {
    await opened('live/moved');
    await test.store.checkpoints.advance(page('live/moved', 0));
    const change = { at, from: 'T-2', to: 'T-9', by: 'ops@host', reason: 'skipping a bad night' };
    const gap = { from: null, to: at };
    const place = { stream: 'live/moved', seq: 1 };
    expect(await test.store.checkpoints.move({ ...place, cursor: 'T-9', change, gap })).toBe('advanced');
    const moved = await test.store.checkpoints.read('live/moved');
    expect(moved).toMatchObject({ seq: 2, cursor: 'T-9', receipt: null, history: [change], gaps: [gap] });
    expect(await test.store.checkpoints.advance(page('live/moved', 1))).toBe('moved');
    expect(await test.store.checkpoints.move({ ...place, cursor: 'T-2', change, gap: null })).toBe('moved');
    expect(await test.store.checkpoints.read('live/moved')).toEqual(moved);
  });

  it('keeps the last 100 changes of operators', async () => {
    await opened('live/history');
    for (let seq = 0; seq < 102; seq += 1) {
      const change = { at, from: `T-${seq}`, to: `T-${seq + 1}`, by: 'ops@host', reason: 'again' };
      await test.store.checkpoints.move({ stream: 'live/history', seq, cursor: change.to, change, gap: null });
    }
    const { history = [], gaps } = (await test.store.checkpoints.read('live/history')) ?? {};
    expect(history).toHaveLength(100);
    expect([history[0]?.from, history.at(-1)?.to]).toEqual(['T-2', 'T-102']);
    expect(gaps).toEqual([]);
  });
});
