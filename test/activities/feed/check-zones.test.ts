import { randomUUID } from 'node:crypto';
import { MockActivityEnvironment } from '@temporalio/testing';
import { DefaultLogger, type LogEntry } from '@temporalio/worker';
import fc from 'fast-check';
import { DateTime } from 'luxon';
import { describe, expect, it } from 'vitest';
import { probeDay } from '../../../src/activities/days/probe-day.js';
import type { FeedAccount } from '../../../src/activities/dependencies.js';
import { checkZones } from '../../../src/activities/feed/check-zones.js';
import { drainPage } from '../../../src/activities/feed/drain-page.js';
import { seedCursor } from '../../../src/activities/feed/seed-cursor.js';
import { rereadCall } from '../../../src/activities/repair/reread-call.js';
import { verifyPage } from '../../../src/activities/repair/verify-page.js';
import type { ZoneCode } from '../../../src/domain/days/zone-check.js';
import type { LimitStore } from '../../../src/store/limits/limits.js';
import { aCall } from '../../support/a-transaction.js';
import { minimalRows, startInvoca } from '../../support/fake-invoca.js';
import { feedAccount } from '../../support/feed-account.js';
import { fixedRates } from '../../support/request-rates.js';
import { useTestDatabase } from '../../support/test-database.js';

const mongodb = useTestDatabase();
const ZONE = 'America/Los_Angeles';
const CODES: readonly ZoneCode[] = ['time-zone', 'platform-time-zone'];

/** A row whose call started some minutes after noon of a day in June, in the zones of the token and the platform. */
interface Seen {
  readonly id: string;
  readonly minute: number;
  readonly token: string | null;
  readonly platform: string | null;
}

function pageOf(rows: readonly Seen[]) {
  return {
    transactions: rows.map(({ id, minute, token, platform }) => {
      const at = DateTime.fromMillis(startMs(minute));
      const text = (zone: string | null) =>
        zone === null ? null : at.setZone(zone).toFormat('yyyy-MM-dd HH:mm:ss ZZ');
      const columns = { start_time_local: text(token), start_time_network_timezone: text(platform) };
      return { callId: id, transaction: aCall(id, { ...columns, start_time_utc: at.toMillis() }) };
    }),
  };
}

function startMs(minute: number): number {
  return Date.UTC(2025, 5, 2, 12, minute);
}

/** A worker of the account, with a log and a memory of its own. */
function aWorker({ name, timeZone }: { name: string; timeZone: string | null }) {
  const feed = { name, timeZone };
  const entries: LogEntry[] = [];
  const logger = new DefaultLogger('WARN', (entry) => entries.push(entry));
  let writes = 0;
  const limits: Pick<LimitStore, 'noteZones'> = {
    noteZones: (verdicts) => {
      writes += 1;
      return mongodb.store.limits.noteZones(verdicts);
    },
  };
  const deps = { store: { limits }, now: () => new Date() };
  return {
    check: (...rows: readonly Seen[]) =>
      new MockActivityEnvironment({}, { logger }).run(() => checkZones(deps, feed, pageOf(rows))),
    warnings: () => entries.map(({ message }) => message),
    writes: () => writes,
  };
}

function newName(): string {
  return `a-${randomUUID().slice(0, 8)}`;
}

function notes(account: string, timeZone: string | null = ZONE) {
  return mongodb.store.limits.zoneNotes({ account, timeZone });
}

const right = { token: ZONE, platform: ZONE };
const wrong = { token: 'America/New_York', platform: 'America/New_York' };
const moved = { token: ZONE, platform: 'America/Denver' };

describe('checkZones', () => {
  it('warns once for each note and worker, with advice, and never about a page that agrees', async () => {
    const account = { name: newName(), timeZone: ZONE };
    const [first, second] = [aWorker(account), aWorker(account)];

    await first.check({ id: 'T1', minute: 1, ...right });
    expect(first.warnings()).toEqual([]);
    await first.check({ id: 'T2', minute: 2, ...wrong });
    await first.check({ id: 'T3', minute: 3, ...wrong });
    await second.check({ id: 'T3', minute: 3, ...wrong });
    expect(first.warnings()).toEqual([
      `Account ${account.name}: a row has the offset -04:00, but America/Los_Angeles has -07:00 at that time: set ` +
        'INVOCA_TIME_ZONE to the time zone of the API token. The row is the transaction T2.',
    ]);
    expect(second.warnings()).toHaveLength(1);
    await first.check({ id: 'T4', minute: 4, ...right });
    await first.check({ id: 'T5', minute: 5, ...wrong });
    expect(first.warnings()).toHaveLength(2);
  });

  it('asks for a new token if the platform moved, also without a zone', async () => {
    const name = newName();
    const worker = aWorker({ name, timeZone: null });

    await worker.check({ id: 'T1', minute: 1, ...moved });

    expect(worker.warnings()).toHaveLength(1);
    expect(worker.warnings()[0]).toMatch(/-07:00.*-06:00.*new token.*INVOCA_TIME_ZONE.*totals differ/);
    const expected = { transactionId: 'T1', statedOffset: '-06:00', expectedOffset: '-07:00', timeZone: null };
    expect(await notes(name, null)).toMatchObject({ 'time-zone': null, 'platform-time-zone': expected });
    expect(await notes(name)).toEqual({ 'time-zone': null, 'platform-time-zone': null });
  });

  it('writes nothing for a page that says nothing new', async () => {
    const name = newName();
    const worker = aWorker({ name, timeZone: ZONE });

    await worker.check({ id: 'T5', minute: 5, ...wrong });
    await worker.check({ id: 'T5', minute: 5, ...wrong });
    await worker.check({ id: 'T4', minute: 4, ...right }, { id: 'T3', minute: 3, ...moved });
    await worker.check({ id: 'T9', minute: 9, token: null, platform: null });
    expect(worker.writes()).toBe(1);
    expect(await notes(name)).toMatchObject({ 'time-zone': { transactionId: 'T5' } });
  });

  it('clears a note that another worker wrote, by a call that started later', async () => {
    const account = { name: newName(), timeZone: ZONE };
    const [first, second] = [aWorker(account), aWorker(account)];

    await first.check({ id: 'T1', minute: 1, ...right });
    await second.check({ id: 'T2', minute: 2, ...wrong });
    await first.check({ id: 'T0', minute: 0, ...right });
    expect(await notes(account.name)).toMatchObject({ 'time-zone': { transactionId: 'T2' } });
    await first.check({ id: 'T3', minute: 2, ...right });
    expect(await notes(account.name)).toMatchObject({ 'time-zone': { transactionId: 'T2' } });
    await first.check({ id: 'T4', minute: 3, ...right });
    expect(await notes(account.name)).toEqual({ 'time-zone': null, 'platform-time-zone': null });
  });

  const rows = fc
    .array(
      fc.record({
        minute: fc.integer({ min: 0, max: 5 }),
        token: fc.constantFrom(ZONE, ZONE, 'America/Denver', null),
        platform: fc.constantFrom(ZONE, ZONE, 'America/Denver', null),
      }),
      { minLength: 1, maxLength: 8 },
    )
    .map((seen) => seen.map((row, index): Seen => ({ id: `T${index}`, ...row })));
  const places = fc.array(fc.tuple(fc.integer({ min: 0, max: 3 }), fc.nat({ max: 1 })), { minLength: 8, maxLength: 8 });

  it('notes the same for the same rows, whatever their pages, the order of these, and the worker', async () => {
    await fc.assert(
      fc.asyncProperty(rows, places, async (seen, placed) => {
        const account = { name: newName(), timeZone: ZONE };
        const workers = [aWorker(account), aWorker(account)];
        await Promise.all(
          workers.map(async (worker, own) => {
            for (const page of [0, 1, 2, 3]) {
              const isOn = (index: number) => placed[index]?.[0] === page && placed[index][1] === own;
              await worker.check(...seen.filter((_, index) => isOn(index)));
            }
          }),
        );
        const noted = await notes(account.name);
        for (const code of CODES) expect(noted[code]?.transactionId ?? null).toBe(expectedRow(code, seen));
      }),
      { numRuns: 40 },
    );
  });
});

/** Finds the row to be noted as the rule has it: the last that disagrees, unless a call that started later agrees. */
function expectedRow(code: ZoneCode, seen: readonly Seen[]): string | null {
  const compared = seen.flatMap(({ id, minute, token, platform }) => {
    if (token === null || (code === 'platform-time-zone' && platform === null)) return [];
    return [{ id, minute, agrees: code === 'time-zone' ? token === ZONE : token === platform }];
  });
  const disagreeing = compared.filter(({ agrees }) => !agrees);
  const last = Math.max(...disagreeing.map(({ minute }) => minute));
  if (compared.some(({ agrees, minute }) => agrees && minute > last)) return null;
  return disagreeing.findLast(({ minute }) => minute === last)?.id ?? null;
}

describe('time zones are compared by', () => {
  const days = { from: '2025-06-02', to: '2025-06-02' };
  const stream = 'live';
  const readers: Record<string, (deps: Parameters<typeof drainPage>[0], feed: FeedAccount) => Promise<unknown>> = {
    drainPage: async (deps, { name: account, pageLimit }) => {
      const place = { account, stream: `${stream}/${account}` };
      await mongodb.store.checkpoints.open({ ...place, cursor: null, pageLimit });
      return drainPage(deps, {
        ...place,
        ...asked,
        seq: 0,
        drainId: '1',
        beganAt: '2025-06-02',
        window: null,
        transcripts: 'all',
      });
    },
    verifyPage: (deps, { name: account }) => {
      const paging = { pageLimit: null, cleanPages: 0 };
      return verifyPage(deps, { account, ...asked, run: account, window: days, cursor: null, paging, repair: false });
    },
    rereadCall: (deps, { name: account }) =>
      rereadCall(deps, { account, ...asked, pageLimit: null, callId: 'CALL-0', cursor: null }),
    probeDay: (deps, { name: account }) => probeDay(deps, { account, ...asked, day: days.from, limit: null }),
    seedCursor: (deps, { name: account }) =>
      seedCursor(deps, { account, ...asked, stream: `${stream}/${account}`, startDate: '2025-06-04', day: days.from }),
  };
  const asked = { precedingWaits: 0 };

  it.each(Object.entries(readers))('%s', async (_name, read) => {
    const rows = minimalRows(2).map((row) => ({ ...row, start_time_local: '2025-06-02 11:00:00 -07:00' }));
    const invoca = await startInvoca({ rows, platformZone: 'America/Denver' });
    const feed = feedAccount(invoca, { name: newName(), timeZone: 'Europe/Berlin' });
    const deps = {
      store: mongodb.store,
      rates: fixedRates,
      feeds: new Map([[feed.name, feed]]),
      invoices: new Map(),
      transcripts: new Map(),
      now: () => new Date(),
    };

    await new MockActivityEnvironment({}, { logger: new DefaultLogger('ERROR') }).run(() => read(deps, feed));

    expect(await notes(feed.name, 'Europe/Berlin')).toMatchObject({
      'time-zone': { statedOffset: '-07:00', expectedOffset: '+02:00', timeZone: 'Europe/Berlin' },
      'platform-time-zone': { statedOffset: '-06:00', expectedOffset: '-07:00' },
    });
  });
});
