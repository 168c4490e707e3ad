import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { CallDocument } from '../../../src/store/calls/call-document.js';
import { CallCountStore } from '../../../src/store/counts/call-counts.js';
import { callDocuments, insertCalls, minutesFrom } from '../../support/pending-calls.js';
import { useTestDatabase } from '../../support/test-database.js';

const test = useTestDatabase();

const FIRST_DAY = new Date('2024-05-01T12:00:00Z');

function dayOf(index: number): Date {
  return minutesFrom(FIRST_DAY, index * 24 * 60);
}

/** Makes a store that reads counts of workers even for few calls, and a clock that moves on with each count. */
function counting(account: string) {
  // Behind the server's clock, as the stamps of changes are.
  let minutes = -10_000;
  const store = new CallCountStore(test.db, -1);
  const refresh = (signal?: AbortSignal): Promise<boolean> => {
    minutes += 11;
    const now = minutesFrom(new Date(), minutes);
    return store.refresh({ account, now: () => now, signal });
  };
  return { store, refresh, now: () => minutesFrom(new Date(), minutes) };
}

/** Counts as `status` shows them, without their age and without what is measured on a sample. */
async function countsOf(store: CallCountStore, account: string, now = new Date()) {
  const { countedAt: _, readability: __, observedDelaySeconds: ___, ...counts } = await store.read(account, now);
  return counts;
}

async function expectRight({ store, now }: ReturnType<typeof counting>, account: string): Promise<void> {
  const plain = await countsOf(test.store.callCounts, account, now());
  expect(await countsOf(store, account)).toEqual(plain);
}

/** Stores one call on each of 60 days and counts all. */
async function countedDays(account: string): Promise<ReturnType<typeof counting>> {
  const aDocument = callDocuments(account);
  await insertCalls(
    test.db,
    Array.from({ length: 60 }, (_, index) => aDocument(`C${index}`, { startedAt: dayOf(index) })),
  );
  const count = counting(account);
  expect(await count.refresh()).toBe(true);
  return count;
}

describe('the counts of calls', () => {
  it('are exact at once if there are few calls, without a worker', async () => {
    await insertCalls(test.db, [callDocuments('few')('C1', { startedAt: FIRST_DAY })]);
    expect(await test.store.callCounts.refresh({ account: 'few', now: () => new Date() })).toBe(false);
    expect(await test.store.callCounts.read('few')).toMatchObject({
      calls: 1,
      newestStartedAt: FIRST_DAY,
      byStatus: { pending: 1 },
      countedAt: null,
    });
  });

  it('are unknown if there are many calls and no worker has counted them', async () => {
    const { store } = counting('unknown');
    expect(await store.read('unknown')).toMatchObject({ calls: null, newestStartedAt: null, countedAt: null });
  });

  it('hold all calls after the first count: also those before 2000, after 2099 and without a start', async () => {
    const aDocument = callDocuments('ends');
    const starts = ['1999-12-31T23:59:59.999Z', '2000-01-01T00:00:00Z', '2099-12-31T23:59:59.999Z', '2100-01-01'];
    await insertCalls(test.db, [
      aDocument('NONE'),
      ...starts.map((start) => aDocument(start, { startedAt: new Date(start) })),
    ]);
    const count = counting('ends');
    await count.refresh();
    expect(await count.store.read('ends')).toMatchObject({ calls: 5, newestStartedAt: new Date('2100-01-01') });
    await expectRight(count, 'ends');
  });

  it('follow a changed, a new and an erased call with the next count, whatever the number of days', async () => {
    const count = await countedDays('changes');
    const aDocument = callDocuments('changes');
    await insertCalls(test.db, [{ ...aDocument('NEW', { startedAt: dayOf(57) }), updatedAt: new Date() }]);
    await test.db
      .collection<CallDocument>('calls')
      .updateOne({ _id: 'changes:C58' }, { $set: { 'transcript.status': 'available', updatedAt: new Date() } });
    await test.store.erasures.eraseCalls(['changes:C55'], new Date());
    expect(await count.refresh()).toBe(true);
    expect(await count.store.read('changes')).toMatchObject({ calls: 60, byStatus: { pending: 59, available: 1 } });
    await expectRight(count, 'changes');
  });

  it('of several accounts are exact if the calls are few together, else those of a worker', async () => {
    for (const account of ['pair-1', 'pair-2']) {
      const aDocument = callDocuments(account);
      const ids = account === 'pair-1' ? ['C1', 'C2'] : ['C1'];
      await insertCalls(
        test.db,
        ids.map((id) => aDocument(id, { startedAt: FIRST_DAY })),
      );
      await counting(account).refresh();
    }
    await test.db.collection<CallDocument>('calls').deleteOne({ _id: 'pair-1:C1' });
    const callsUpTo = async (few: number) => {
      const counts = await new CallCountStore(test.db, few).readMany(['pair-1', 'pair-2', 'pair-3']);
      return ['pair-1', 'pair-2', 'pair-3'].map((account) => counts.get(account)?.calls);
    };

    expect(await callsUpTo(20_000)).toEqual([1, 1, 0]);
    expect(await callsUpTo(2)).toEqual([2, 1, undefined]);
  });

  it('say when the next look is', async () => {
    const [soon, later] = [new Date(Date.now() + 60_000), new Date(Date.now() + 120_000)];
    const aDocument = callDocuments('next-look');
    await insertCalls(test.db, [
      aDocument('DUE', { startedAt: FIRST_DAY, transcript: { nextAttemptAt: new Date(0) } }),
      aDocument('LATER', { startedAt: FIRST_DAY, transcript: { nextAttemptAt: later } }),
      aDocument('SOON', { startedAt: dayOf(1), transcript: { nextAttemptAt: soon } }),
    ]);
    const count = counting('next-look');
    await count.refresh();

    expect(await test.store.callCounts.read('next-look')).toMatchObject({ nextLookAt: soon });
    expect(await count.store.read('next-look')).toMatchObject({ nextLookAt: soon });
  });

  it('heal in rotation if a change went unnoticed', async () => {
    const count = await countedDays('rotation');
    await test.db.collection<CallDocument>('calls').deleteOne({ _id: 'rotation:C59' });
    await count.refresh();
    expect(await count.store.read('rotation')).toMatchObject({ calls: 60 });
    await count.refresh();
    await count.refresh();
    await expectRight(count, 'rotation');
    expect(await count.store.read('rotation')).toMatchObject({ calls: 59 });
  });

  it('are made by one of several workers, once a minute', async () => {
    await insertCalls(test.db, [callDocuments('lease')('C1', { startedAt: FIRST_DAY })]);
    const { store } = counting('lease');
    const at = (seconds: number) => store.refresh({ account: 'lease', now: () => new Date(1e12 + seconds * 1_000) });
    const outcomes = await Promise.all([at(0), at(0), at(0)]);
    expect(outcomes.filter(Boolean)).toHaveLength(1);
    expect(await at(59)).toBe(false);
    expect((await Promise.all([at(60), at(60)])).filter(Boolean)).toHaveLength(1);
  });

  it('equal a plain count after a rotation, whatever was written, counted at once or cut off', async () => {
    const day = fc.option(fc.integer({ min: 0, max: 6 }), { nil: null });
    const status = fc.constantFrom('pending', 'available', 'none', 'expired');
    const id = fc.integer({ min: 0, max: 5 });
    const step = fc.oneof(
      fc.record({ kind: fc.constant('write' as const), id, day, status }),
      fc.record({ kind: fc.constant('erase' as const), id }),
      fc.record({ kind: fc.constantFrom('count', 'two counts', 'cut off') }),
    );
    let runs = 0;
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 12 }), async (steps) => {
        const account = `any-${(runs += 1)}`;
        const count = counting(account);
        const aDocument = callDocuments(account);
        const calls = test.db.collection<CallDocument>('calls');
        for (const each of steps) {
          if (each.kind === 'write') {
            const { transcript, ...document } = aDocument(`C${each.id}`, {
              startedAt: each.day === null ? null : dayOf(each.day),
            });
            const written = { ...document, transcript: { ...transcript, status: each.status }, updatedAt: new Date() };
            await calls.replaceOne({ _id: document._id }, written, { upsert: true });
          } else if (each.kind === 'erase') {
            await test.store.erasures.eraseCalls([`${account}:C${each.id}`], new Date());
          } else if (each.kind === 'cut off') {
            await count.refresh(AbortSignal.abort());
          } else {
            await Promise.all(each.kind === 'count' ? [count.refresh()] : [count.refresh(), count.refresh()]);
          }
        }
        await count.refresh();
        await count.refresh();
        await expectRight(count, account);
      }),
      { numRuns: 8 },
    );
  });
});
