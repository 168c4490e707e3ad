import { randomUUID } from 'node:crypto';
import { MockActivityEnvironment } from '@temporalio/testing';
import { DefaultLogger } from '@temporalio/worker';
import { describe, expect, it } from 'vitest';
import type { ActivityDependencies } from '../../../src/activities/dependencies.js';
import {
  findGoneCalls,
  listStoredCalls,
  summarizeVerification,
  type ListedCalls,
  type VerifySummary,
} from '../../../src/activities/repair/gone-calls.js';
import { verifyPage } from '../../../src/activities/repair/verify-page.js';
import { mergePage } from '../../../src/activities/feed/merge-page.js';
import { parseRows } from '../../../src/sources/invoca/parse-rows.js';
import { createExcludedColumns } from '../../../src/sources/invoca/columns.js';
import { Crash, dyingStore, type StoreStep } from '../../support/dying-store.js';
import { minimalRows, startInvoca } from '../../support/fake-invoca.js';
import { feedAccount } from '../../support/feed-account.js';
import { fixedRates } from '../../support/request-rates.js';
import { useTestDatabase } from '../../support/test-database.js';

const mongodb = useTestDatabase();
const QUIET = new DefaultLogger('ERROR');
const ZONE = 'America/Los_Angeles';
/** 2 June has 780 minutes from the first row on. */
const DAYS = { from: '2025-06-02', to: '2025-06-02' };
const at = (time: string): number => Date.parse(`2025-06-${time}-07:00`);

type Row = Record<string, unknown>;
const rowOf = (callId: string, changes: Row = {}): Row => ({
  transaction_id: `T-${callId}`,
  complete_call_id: callId,
  transaction_type: 'Call',
  start_time_utc: at('02T12:00'),
  ...changes,
});

interface SceneOptions {
  /** Rows that are stored when the verification begins. */
  readonly stored: readonly Row[];
  /** Rows that the source shows. */
  readonly shown: readonly Row[];
  readonly timeZone?: string | null;
  readonly account?: string;
}

/** Creates an account whose source and store differ. */
async function aScene({
  stored,
  shown,
  timeZone = ZONE,
  account: name = `a-${randomUUID().slice(0, 8)}`,
}: SceneOptions) {
  const invoca = await startInvoca({ rows: shown, timeZone: ZONE });
  const run = `run-${randomUUID()}`;
  const deps = (changes: Partial<ActivityDependencies> & { zone?: string | null } = {}): ActivityDependencies => ({
    store: mongodb.store,
    rates: fixedRates,
    feeds: new Map([
      [name, feedAccount(invoca, { name, timeZone: changes.zone === undefined ? timeZone : changes.zone })],
    ]),
    invoices: new Map(),
    transcripts: new Map(),
    now: () => new Date(),
    ...changes,
  });
  const inActivity = async <T>(activity: () => Promise<T>): Promise<T> =>
    await new MockActivityEnvironment({}, { logger: QUIET }).run(activity);
  const store = async (rows: readonly Row[]): Promise<void> => {
    const requestedAt = new Date();
    const parsed = parseRows({ rows, excluded: createExcludedColumns([]), seenAt: requestedAt });
    const page = { ...parsed, rowCount: rows.length, isWhole: true, requestedAt };
    await mergePage({ deps: deps(), feed: feedAccount(invoca, { name }), page, origin: 'a test' });
  };
  const window = DAYS;
  const list = async (from = deps(), limit?: number, listed: ListedCalls | null = null): Promise<ListedCalls> => {
    const input = { account: name, run, window, listed, ...(limit !== undefined && { limit }) };
    const next = await inActivity(() => listStoredCalls(from, input));
    return next.next === null ? next : list(from, limit, next);
  };
  const page = (from = deps(), cursor: string | null = null) =>
    inActivity(() =>
      verifyPage(from, {
        ...{ account: name, run, window, cursor, repair: false, precedingWaits: 0 },
        paging: { pageLimit: null, cleanPages: 0 },
      }),
    );
  const end = async (listed: ListedCalls, from = deps(), limit?: number): Promise<VerifySummary> => {
    const input = { account: name, run, window, listed, ...(limit !== undefined && { limit }) };
    const judge = (after: string | null) => inActivity(() => findGoneCalls(from, { ...input, after }));
    for (let piece = await judge(null); piece.after !== null;) piece = await judge(piece.after);
    return inActivity(() => summarizeVerification(from, { account: name, run, listed, isEndKnown: true }));
  };
  const goneOf = async (listed: ListedCalls): Promise<string[]> =>
    (await end(listed)).details.filter(({ kind }) => kind === 'gone').map(({ callId }) => callId);
  await store(stored);
  return { name, run, deps, store, list, page, end, goneOf, inActivity };
}

const documents = () => mongodb.db.collection<{ _id: string; [field: string]: unknown }>('calls');

describe('the calls that are gone', () => {
  it('are those stored on these days, in the zone of the account, that the source does not show', async () => {
    const edges = [
      rowOf('FIRST', { start_time_utc: at('02T00:00') }),
      rowOf('LAST', { start_time_utc: at('02T23:59:59.999') }),
      rowOf('BEFORE', { start_time_utc: at('02T00:00') - 1 }),
      rowOf('AFTER', { start_time_utc: at('03T00:00') }),
      rowOf('WITHOUT-START', { start_time_utc: null }),
    ];
    const other = await aScene({ stored: [rowOf('OTHERS')], shown: [] });
    const scene = await aScene({ stored: [...edges, rowOf('SHOWN')], shown: [rowOf('SHOWN')] });

    const listed = await scene.list();
    await scene.page();
    const found = await scene.end(listed);

    expect(found).toMatchObject({ missing: 0, stale: 0, repaired: 0, gone: 2, goneReason: null });
    expect(found.details).toEqual([
      { callId: 'FIRST', kind: 'gone', changed: [], repaired: false },
      { callId: 'LAST', kind: 'gone', changed: [], repaired: false },
    ]);
    expect(await other.goneOf(await other.list()), 'the other account, whose source shows nothing').toEqual(['OTHERS']);
    expect(await mongodb.db.collection('expected').countDocuments({ run: scene.run })).toBe(0);
  });

  it('are the same ones in small pieces, many of which start at one instant', async () => {
    const stored = Array.from({ length: 25 }, (_, index) =>
      rowOf(`C-${String(index).padStart(2, '0')}`, { start_time_utc: at('02T12:00') + Math.floor(index / 9) }),
    );
    const scene = await aScene({ stored, shown: stored.filter((_, index) => index % 5 === 0) });

    const listed = await scene.list(scene.deps(), 4);
    await scene.page();

    expect(await scene.end(listed, scene.deps(), 3)).toMatchObject({ gone: 20 });
  });

  it('include none that was stored, changed, moved or erased after the listing', async () => {
    const stored = ['GONE', 'CHANGED', 'MOVED-OUT', 'ERASED', 'DELETED', 'STAYS'].map((callId) => rowOf(callId));
    const moving = [rowOf('MOVED-IN', { start_time_utc: at('04T12:00') })];
    const scene = await aScene({ stored: [...stored, ...moving], shown: [rowOf('STAYS')] });

    const listed = await scene.list();
    await scene.page();
    await scene.store([
      rowOf('NEW'),
      rowOf('CHANGED', { duration: 7 }),
      rowOf('MOVED-OUT', { start_time_utc: at('04T12:00') }),
      rowOf('MOVED-IN'),
    ]);
    await mongodb.store.erasures.eraseCalls([`${scene.name}:ERASED`], new Date());
    await documents().deleteOne({ _id: `${scene.name}:DELETED` });

    expect(await scene.goneOf(listed)).toEqual(['GONE']);
  });

  it('include none that was erased before, or that started there only by an old row', async () => {
    const scene = await aScene({ stored: [rowOf('ERASED'), rowOf('MOVED')], shown: [] });
    await scene.store([rowOf('MOVED', { start_time_utc: at('04T12:00') })]);
    await mongodb.store.erasures.eraseCalls([`${scene.name}:ERASED`], new Date());

    expect(await scene.goneOf(await scene.list())).toEqual([]);
  });

  it('include none whose rows are rejects now, with either id', async () => {
    const stored = ['BY-CALL', 'BY-TRANSACTION', 'TOO-LARGE', 'GONE'].map((callId) => rowOf(callId));
    const shown = [
      rowOf('BY-CALL', { transaction_id: null }),
      rowOf('BY-TRANSACTION', { complete_call_id: null }),
      rowOf('TOO-LARGE', { notes: 'x'.repeat(1024 * 1024) }),
      rowOf('END'),
    ];
    const scene = await aScene({ stored, shown });

    const listed = await scene.list();
    await scene.page();

    expect(await scene.goneOf(listed)).toEqual(['GONE']);
  });

  const steps: StoreStep[] = [
    'expectedCalls.list',
    'expectedCalls.markShown',
    'expectedCalls.nextGone',
    'differences.record',
    'differences.summarize',
    'expectedCalls.remove',
  ];
  const crashes = steps.flatMap((step) => (['before', 'after'] as const).map((moment) => ({ step, moment })));

  it.each(crashes)('are the same when the process dies $moment $step', async ({ step, moment }) => {
    const scene = await aScene({ stored: ['A', 'B', 'C'].map((callId) => rowOf(callId)), shown: [rowOf('B')] });
    const dying = scene.deps({ store: dyingStore(mongodb.store, step, moment) });
    /** Runs an activity again if the process died in it. */
    let deaths = 0;
    const twice = async <T>(activity: (deps: ActivityDependencies) => Promise<T>): Promise<T> => {
      try {
        return await activity(dying);
      } catch (error) {
        expect(error).toBeInstanceOf(Crash);
        deaths += 1;
        return activity(scene.deps());
      }
    };

    const listed = await twice((deps) => scene.list(deps));
    await twice((deps) => scene.page(deps));

    expect(await twice((deps) => scene.end(listed, deps))).toMatchObject({ gone: 2, missing: 0 });
    expect(deaths, 'the process died').toBeGreaterThan(0);
  });

  it('are kept apart by run, though two verifications of the same days run at once', async () => {
    const stored = [rowOf('A'), rowOf('B')];
    const one = await aScene({ stored, shown: [rowOf('B')] });
    const listed = await one.list();
    const two = await aScene({ stored: [], shown: [rowOf('A')], account: one.name });
    const listedByTwo = await two.list();
    await two.page();
    await one.page();

    expect(await two.goneOf(listedByTwo)).toEqual(['B']);
    expect(await one.goneOf(listed)).toEqual(['A']);
  });
});

describe('the number of calls that are gone', () => {
  const note = {
    timeZone: ZONE,
    verdicts: {
      'time-zone': {
        startedAt: new Date(at('02T12:00')),
        disagrees: true,
        transactionId: 'T-1',
        statedOffset: '-04:00',
        expectedOffset: '-07:00',
      },
      'platform-time-zone': null,
    },
  } as const;

  it('is not known while rows contradict the time zone, and is known again afterwards', async () => {
    const scene = await aScene({ stored: [rowOf('GONE')], shown: [] });
    const listed = await scene.list();
    expect(await scene.end(listed), 'before').toMatchObject({ gone: 1 });
    await mongodb.store.limits.noteZones({ account: scene.name, ...note, now: new Date() });

    const unknown = await scene.end(listed);
    expect(unknown).toMatchObject({ gone: null, details: [] });
    expect(unknown.goneReason).toMatch(/-04:00.*America\/Los_Angeles has -07:00.*INVOCA_TIME_ZONE/);

    const verdict = { ...note.verdicts['time-zone'], startedAt: new Date(at('03T12:00')), disagrees: false };
    const verdicts = { ...note.verdicts, 'time-zone': verdict };
    await mongodb.store.limits.noteZones({ account: scene.name, timeZone: ZONE, verdicts, now: new Date() });
    expect(await scene.end(await scene.list())).toMatchObject({ gone: 1, goneReason: null });
  });

  it('is known although the platform has another time zone than the token', async () => {
    const scene = await aScene({ stored: [rowOf('GONE')], shown: [] });
    const verdicts = { 'time-zone': null, 'platform-time-zone': note.verdicts['time-zone'] };
    await mongodb.store.limits.noteZones({ account: scene.name, timeZone: ZONE, verdicts, now: new Date() });

    expect(await scene.end(await scene.list())).toMatchObject({ gone: 1 });
  });

  it.each([
    ['the worker has no time zone', { zone: null }, { zone: null }, /has no time zone.*INVOCA_TIME_ZONE/],
    ['the worker has no time zone any more', {}, { zone: null }, /has no time zone/],
    ['the time zone was changed', {}, { zone: 'Asia/Tokyo' }, /changed from America\/Los_Angeles to Asia\/Tokyo/],
    ['the list was made too long ago', {}, { now: () => new Date(Date.now() + 31 * 86_400_000) }, /30 days/],
  ])('is not known if %s', async (_why, atFirst, atLast, reason) => {
    const scene = await aScene({ stored: [rowOf('GONE')], shown: [] });
    const listed = await scene.list(scene.deps(atFirst));

    const found = await scene.end(listed, scene.deps(atLast));

    expect(found).toMatchObject({ gone: null, details: [] });
    expect(found.goneReason).toMatch(reason);
  });

  it('counts the days of a time zone that was changed while they were being listed', async () => {
    const stored = [rowOf('TOKYO', { start_time_utc: at('02T00:00') - 3_600_000 }), ...minimalRows(5)];
    const scene = await aScene({ stored, shown: [] });
    const input = { account: scene.name, run: scene.run, window: DAYS, limit: 1 };
    const tokyo = scene.deps({ zone: 'Asia/Tokyo' });

    const begun = await scene.inActivity(() => listStoredCalls(tokyo, { ...input, listed: null }));
    expect(begun).toMatchObject({ timeZone: 'Asia/Tokyo', next: null });
    const listed = await scene.inActivity(() =>
      listStoredCalls(scene.deps(), { ...input, limit: 100, listed: { ...begun, next: begun.at } }),
    );

    expect(listed).toMatchObject({ timeZone: ZONE, next: null });
    expect(await scene.end(listed)).toMatchObject({ gone: 5 });
  });
});
