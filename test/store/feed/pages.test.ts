import { describe, expect, it } from 'vitest';
import type { PageLine } from '../../../src/store/feed/pages.js';
import { useTestDatabase } from '../../support/test-database.js';

const test = useTestDatabase();

function aLine(overrides: Partial<PageLine> = {}): PageLine {
  return {
    stream: 'live/invoca',
    account: 'invoca',
    seq: 4,
    drainId: 'drain-1',
    cursorIn: 'T-1',
    cursorOut: 'T-9',
    rows: 8,
    calls: 5,
    rejects: 1,
    firstStartedAt: new Date('2026-03-01T09:00:00Z'),
    lastStartedAt: new Date('2026-03-01T11:00:00Z'),
    at: new Date('2026-03-02T10:00:00Z'),
    ...overrides,
  };
}

describe('pages', () => {
  it('keeps one line for each page, as its last attempt recorded it', async () => {
    await test.store.pages.record(aLine({ stream: 'live/attempts', rows: 7 }));
    await test.store.pages.record(aLine({ stream: 'live/attempts', rows: 8 }));
    const lines = await test.db.collection('pages').find({ stream: 'live/attempts' }).toArray();
    expect(lines).toEqual([{ _id: 'live/attempts/4', ...aLine({ stream: 'live/attempts', rows: 8 }) }]);
  });

  it('finds a cursor again only within one drain, at another seq', async () => {
    await test.store.pages.record(aLine());
    const seen = (page: Partial<{ stream: string; drainId: string; cursor: string | null; seq: number }>) =>
      test.store.pages.isCursorSeen({ stream: 'live/invoca', drainId: 'drain-1', cursor: 'T-1', seq: 5, ...page });
    expect(await seen({})).toBe(true);
    expect(await seen({ seq: 4 })).toBe(false);
    expect(await seen({ drainId: 'drain-2' })).toBe(false);
    expect(await seen({ stream: 'live/other' })).toBe(false);
    expect(await seen({ cursor: 'T-9' })).toBe(false);
    expect(await seen({ cursor: null })).toBe(false);
  });

  it('treats the beginning of the feed like any other cursor', async () => {
    await test.store.pages.record(aLine({ stream: 'live/beginning', cursorIn: null }));
    const page = { stream: 'live/beginning', drainId: 'drain-1', cursor: null, seq: 5 };
    expect(await test.store.pages.isCursorSeen(page)).toBe(true);
  });

  it('lists the newest before a seq, however many there are and even if some are missing', async () => {
    const stream = 'live/listed';
    // Every tenth seq is a cursor moved by hand.
    const seqs = Array.from({ length: 2_500 }, (_, seq) => seq).filter((seq) => seq % 10 !== 0);
    const pages = test.db.collection<{ _id: string }>('pages');
    await pages.insertMany(seqs.map((seq) => ({ _id: `${stream}/${seq}`, ...aLine({ stream, seq }) })));
    await test.store.pages.record(aLine({ stream: 'live/listed-not', seq: 2_000 }));
    const newest = async (before: number, limit: number): Promise<number[]> =>
      (await test.store.pages.newest({ stream, before, limit })).map(({ seq }) => seq);

    expect(await newest(2_500, 2_400)).toEqual(seqs.filter((seq) => seq < 2_500).reverse());
    expect(await newest(2_402, 3)).toEqual([2_401, 2_399, 2_398]);
    expect(await newest(3, 10)).toEqual([2, 1]);
    expect(await newest(0, 10)).toEqual([]);
  });
});
