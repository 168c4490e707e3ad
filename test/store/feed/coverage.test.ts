import { randomUUID } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { dayEnd, dayStart } from '../../../src/domain/days/zoned-days.js';
import type { CursorGap, LiveStart, Receipt } from '../../../src/store/feed/checkpoint-types.js';
import { INDEXES } from '../../../src/store/server/index-definitions.js';
import { aCall } from '../../support/a-transaction.js';
import { callDocuments, insertCalls } from '../../support/pending-calls.js';
import { useTestDatabase } from '../../support/test-database.js';

const test = useTestDatabase();

const timeZone = 'America/Los_Angeles';
/** The clocks go forward on the second of these days. */
const range = { from: '2024-03-09', to: '2024-03-11' };
const [first, shortDay, last] = ['2024-03-09', '2024-03-10', '2024-03-11'] as const;

function justBefore(instant: Date): Date {
  return new Date(instant.getTime() - 1);
}

interface WindowRun {
  readonly account: string;
  readonly window: { from: string; to: string };
  readonly firstAskedAt: Date;
  /** Omitted if the stream never reached its end. */
  readonly caughtUpAt?: Date;
}

async function aWindow({ account, window, firstAskedAt, caughtUpAt }: WindowRun): Promise<void> {
  const { checkpoints } = test.store;
  const stream = `backfill/${account}/${randomUUID()}`;
  await checkpoints.open({ stream, account, cursor: null, pageLimit: 100, window });
  const counts = { pageLimit: 100, cleanPages: 1, shortPages: 0 };
  const page = { cursor: 'T-1', liveStart: null, receipt: receiptAt(firstAskedAt), caughtUpAt: null };
  await checkpoints.advance({ stream, seq: 0, ...counts, ...page });
  if (caughtUpAt !== undefined) await checkpoints.caughtUp({ stream, seq: 1, at: caughtUpAt });
}

function receiptAt(at: Date): Receipt {
  const ids = { runId: 'run', activityId: '1', drainId: 'drain', cursorIn: null, cursorOut: 'T-1' };
  return { ...ids, rows: 1, calls: 1, rejects: 0, at };
}

interface LiveRun {
  readonly account: string;
  readonly liveStart: LiveStart;
  readonly caughtUpAt?: Date;
  readonly gap?: CursorGap;
}

async function aLiveDrain({ account, liveStart, caughtUpAt, gap }: LiveRun): Promise<void> {
  const { checkpoints } = test.store;
  const stream = `drain/${account}`;
  await checkpoints.open({ stream, account, cursor: null, pageLimit: 100, liveStart });
  if (gap !== undefined) {
    const change = { at: gap.to, from: null, to: 'T-9', by: 'ops@host', reason: 'a test' };
    await checkpoints.move({ stream, seq: 0, cursor: 'T-9', change, gap });
  }
  if (caughtUpAt !== undefined) await checkpoints.caughtUp({ stream, seq: gap === undefined ? 0 : 1, at: caughtUpAt });
}

async function statesOf(account: string, days = range): Promise<string[]> {
  const covered = await test.store.coverage.days({ account, days, timeZone });
  const complete = await test.store.coverage.completeDays({ account, days, timeZone });
  expect(complete).toEqual(covered.filter(({ state }) => state === 'complete').map(({ day }) => day));
  return covered.map(({ state }) => state);
}

describe('the coverage of an account that was never read', () => {
  it('is `never` for each day', async () => {
    expect(await test.store.coverage.days({ account: 'untouched', days: range, timeZone })).toEqual(
      [first, shortDay, last].map((day) => ({ day, state: 'never', rows: 0, calls: 0 })),
    );
  });
});

describe('the coverage of a stream of days', () => {
  it('is complete for days that had ended when its first page was asked for', async () => {
    const firstAskedAt = dayEnd(shortDay, timeZone);
    await aWindow({ account: 'w-end', window: range, firstAskedAt, caughtUpAt: new Date('2024-04-01') });

    expect(await statesOf('w-end')).toEqual(['complete', 'complete', 'partial']);
  });

  it('is partial for a day that ended a moment later', async () => {
    const firstAskedAt = justBefore(dayEnd(shortDay, timeZone));
    await aWindow({ account: 'w-moment', window: range, firstAskedAt, caughtUpAt: new Date('2024-04-01') });

    expect(await statesOf('w-moment')).toEqual(['complete', 'partial', 'partial']);
  });

  it('is complete for no day before the stream reached its end', async () => {
    await aWindow({ account: 'w-open', window: range, firstAskedAt: new Date('2024-04-01') });

    expect(await statesOf('w-open')).toEqual(['partial', 'partial', 'partial']);
  });

  it('does not reach beyond its days, nor to other accounts', async () => {
    const later = new Date('2024-04-01');
    const window = { from: shortDay, to: shortDay };
    await aWindow({ account: 'w-own', window, firstAskedAt: later, caughtUpAt: later });

    expect(await statesOf('w-own')).toEqual(['never', 'complete', 'never']);
    expect(await statesOf('w-other')).toEqual(['never', 'never', 'never']);
  });

  it('is not withdrawn by a later window that did not end', async () => {
    const later = new Date('2024-04-01');
    await aWindow({ account: 'w-twice', window: range, firstAskedAt: later, caughtUpAt: later });
    await aWindow({ account: 'w-twice', window: range, firstAskedAt: later });

    expect(await statesOf('w-twice')).toEqual(['complete', 'complete', 'complete']);
  });
});

describe('the coverage of the live drain', () => {
  const oldest: LiveStart = { kind: 'oldest' };

  it('is complete for days that had ended when it last caught up', async () => {
    await aLiveDrain({ account: 'l-all', liveStart: oldest, caughtUpAt: dayEnd(shortDay, timeZone) });
    await aLiveDrain({ account: 'l-moment', liveStart: oldest, caughtUpAt: justBefore(dayEnd(shortDay, timeZone)) });

    expect(await statesOf('l-all')).toEqual(['complete', 'complete', 'never']);
    expect(await statesOf('l-moment')).toEqual(['complete', 'partial', 'never']);
  });

  it('is complete for no day before it first caught up', async () => {
    await aLiveDrain({ account: 'l-first', liveStart: oldest });

    expect(await statesOf('l-first')).toEqual(['never', 'never', 'never']);
  });

  it('begins on the day from which it was started', async () => {
    const caughtUpAt = new Date('2024-04-01');
    await aLiveDrain({ account: 'l-day', liveStart: { kind: 'day', day: shortDay }, caughtUpAt });

    expect(await statesOf('l-day')).toEqual(['never', 'complete', 'complete']);
  });

  it('begins a whole day after the first calls that follow an id', async () => {
    const caughtUpAt = new Date('2024-04-01');
    const firstCallsAt = justBefore(dayEnd(first, timeZone));
    await aLiveDrain({ account: 'l-id', liveStart: { kind: 'id', firstCallsAt }, caughtUpAt });
    await aLiveDrain({ account: 'l-id-none', liveStart: { kind: 'id', firstCallsAt: null }, caughtUpAt });

    expect(await statesOf('l-id')).toEqual(['never', 'never', 'complete']);
    expect(await statesOf('l-id-none')).toEqual(['never', 'never', 'never']);
  });

  it('leaves out what a cursor moved forward may have skipped', async () => {
    const caughtUpAt = new Date('2024-04-01');
    const gap = { from: dayEnd(first, timeZone), to: justBefore(dayStart(last, timeZone)) };
    await aLiveDrain({ account: 'l-gap', liveStart: oldest, caughtUpAt, gap });
    await aLiveDrain({ account: 'l-open-gap', liveStart: oldest, caughtUpAt, gap: { ...gap, from: null } });

    expect(await statesOf('l-gap')).toEqual(['complete', 'partial', 'complete']);
    expect(await statesOf('l-open-gap')).toEqual(['partial', 'partial', 'complete']);
  });

  it('adds to the coverage of windows', async () => {
    await aLiveDrain({ account: 'both', liveStart: oldest, caughtUpAt: dayEnd(first, timeZone) });
    const window = { from: last, to: last };
    const later = new Date('2024-04-01');
    await aWindow({ account: 'both', window, firstAskedAt: later, caughtUpAt: later });

    expect(await statesOf('both')).toEqual(['complete', 'never', 'complete']);
  });
});

describe('the counts of a day', () => {
  it('cover the calls that began on it in the zone, and their transactions', async () => {
    const aDocument = callDocuments('counted');
    const document = (id: string, startedAt: Date, transactions: number) => ({
      ...aDocument(id, { startedAt }),
      transactions: Array.from({ length: transactions }, (_, index) => aCall(`${id}-${index}`)),
      rowCount: transactions,
    });
    await insertCalls(test.db, [
      document('A', justBefore(dayStart(first, timeZone)), 1),
      document('B', dayStart(first, timeZone), 1),
      document('C', justBefore(dayEnd(first, timeZone)), 3),
      document('D', dayStart(last, timeZone), 2),
      document('E', dayEnd(last, timeZone), 1),
    ]);
    await test.db.collection<{ _id: string }>('calls').insertOne({ _id: 'counted:ERASED' });

    expect(await test.store.coverage.days({ account: 'counted', days: range, timeZone })).toEqual([
      { day: first, state: 'partial', rows: 4, calls: 2 },
      { day: shortDay, state: 'never', rows: 0, calls: 0 },
      { day: last, state: 'partial', rows: 2, calls: 1 },
    ]);
  });

  it('come from an index, and from the documents only if these lack their number of rows', async () => {
    const aDocument = callDocuments('indexed');
    const transactions = [aCall('T1'), aCall('T2')];
    const { rowCount: _, ...ofEarlierVersion } = aDocument('OLD', { startedAt: dayStart(first, timeZone) });
    await insertCalls(test.db, [
      { ...ofEarlierVersion, transactions },
      // The count comes from the index, so the document's own rows do not matter.
      { ...aDocument('NEW', { startedAt: dayStart(first, timeZone) }), transactions: [], rowCount: 5 },
      { ...aDocument('LAST', { startedAt: dayStart(last, timeZone) }), transactions: [], rowCount: 3 },
    ]);
    const days = await test.store.coverage.days({ account: 'indexed', days: range, timeZone });
    expect(days.map(({ calls, rows }) => ({ calls, rows }))).toEqual([
      { calls: 2, rows: 7 },
      { calls: 0, rows: 0 },
      { calls: 1, rows: 3 },
    ]);
    expect(INDEXES['calls']?.map(({ key }) => Object.keys(key))).toContainEqual(['account', 'startedAt', 'rowCount']);
  });

  it('are right over many months and over a day that the zone skips', async () => {
    const apia = 'Pacific/Apia';
    const days = ['2011-11-01', '2011-12-29', '2011-12-31', '2012-01-31', '2012-02-29'];
    const aDocument = callDocuments('months');
    await insertCalls(
      test.db,
      days.map((day) => aDocument(day, { startedAt: dayStart(day, apia) })),
    );
    const asked = { from: '2011-11-01', to: '2012-03-31' };
    const covered = await test.store.coverage.days({ account: 'months', days: asked, timeZone: apia });

    expect(covered.filter(({ calls }) => calls > 0).map(({ day, calls }) => [day, calls])).toEqual(
      days.map((day) => [day, 1]),
    );
    expect(covered).toHaveLength(152);
  });
});
