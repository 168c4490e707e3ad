import { describe, expect, it } from 'vitest';
import { useTestDatabase } from '../../support/test-database.js';

const test = useTestDatabase();

const minuteMs = 60_000;
const hourMs = 60 * minuteMs;
const past = new Date(Date.now() - 2 * hourMs);
const soon = new Date(Date.now() + 2 * hourMs);
const later = new Date(Date.now() + 4 * hourMs);

describe('limits', () => {
  it('has no hold for an account that never had one', async () => {
    expect(await test.store.limits.read('calm')).toBeNull();
  });

  it('begins a hold, halves the rate, and returns both', async () => {
    const hold = await test.store.limits.hold({ ...refused('first'), until: soon, reason: '429 $from "Invoca"' });
    expect(hold).toMatchObject({ holdUntil: soon, rate: 1.5, epoch: 1, reason: '429 $from "Invoca"' });
    expect(await test.store.limits.read('first')).toEqual(hold);
  });

  it('extends a hold, and begins no other, for a request sent before it', async () => {
    await test.store.limits.hold({ ...refused('longer'), until: soon, reason: 'first' });
    const hold = await test.store.limits.hold({ ...refused('longer'), until: later, reason: 'second' });
    expect(hold).toMatchObject({ holdUntil: later, rate: 1.5, epoch: 1, reason: 'second' });
  });

  it('begins no other hold for a request sent before it, even once it has passed', async () => {
    await test.store.limits.hold({ ...refused('slow'), until: past });
    const hold = await test.store.limits.hold({ ...refused('slow'), until: soon });
    expect(hold).toMatchObject({ holdUntil: soon, rate: 1.5, epoch: 1 });
  });

  it('leaves the rate and the epoch unchanged if a hold does not slow down', async () => {
    const busy = { ...refused('busy'), slowsDown: false };
    expect(await test.store.limits.hold({ ...busy, until: past })).toMatchObject({ rate: null, epoch: 0 });

    const slowed = await test.store.limits.hold({ ...refused('busy'), until: soon });
    expect(slowed).toMatchObject({ rate: 1.5, epoch: 1 });
    expect(await test.store.limits.hold({ ...busy, epoch: 1, until: later })).toEqual({ ...slowed, holdUntil: later });
  });

  it('never shortens a hold', async () => {
    await test.store.limits.hold({ ...refused('shorter'), until: later, reason: 'first' });
    const hold = await test.store.limits.hold({ ...refused('shorter'), until: soon, reason: 'second' });
    expect(hold).toMatchObject({ holdUntil: later, rate: 1.5, epoch: 1, reason: 'first' });
  });

  it('counts requests refused at the same moment as one hold', async () => {
    const untils = Array.from({ length: 10 }, (_, index) => new Date(soon.getTime() + index));
    await Promise.all(
      untils.map((until) => test.store.limits.hold({ ...refused('burst'), until, reason: until.toISOString() })),
    );
    const last = untils.at(-1);
    expect(await test.store.limits.read('burst')).toMatchObject({
      holdUntil: last,
      rate: 1.5,
      epoch: 1,
      reason: last?.toISOString(),
    });
  });

  it('halves the rate with each hold if nothing was answered before, down to a fiftieth of the ceiling', async () => {
    const rates: (number | null)[] = [];
    for (let epoch = 0; epoch < 10; epoch += 1) {
      const { rate } = await test.store.limits.hold({ ...refused('falling'), until: past, epoch });
      rates.push(rate);
    }
    expect(rates.slice(0, 3)).toEqual([1.5, 0.75, 0.375]);
    expect(rates.at(-1)).toBe(0.06);
  });

  it('halves the ceiling, if that was lowered below the rate', async () => {
    await test.store.limits.hold({ ...refused('lowered'), until: past });
    const { rate } = await test.store.limits.hold({ ...refused('lowered'), until: past, epoch: 1, ceiling: 1 });
    expect(rate).toBe(0.5);
  });
});

describe('the rate after a 429', () => {
  const answers = (by: string, count: number) => ({ by, answeredIn: (): number => count });

  it('is a little below what was answered a second before it', async () => {
    const hold = await test.store.limits.hold({ ...refused('learning'), ceiling: 60, answers: answers('a', 20) });
    expect(hold).toMatchObject({ rate: 18, epoch: 1, refusal: { rate: 60, answered: 20, spanMs: 1_000, by: 'a' } });
    expect(await test.store.limits.read('learning')).toEqual(hold);
  });

  it('counts what other processes were answered before it, until the rate climbs', async () => {
    await test.store.limits.hold({ ...refused('shared'), ceiling: 60, until: past, answers: answers('a', 12) });
    const add = (epoch: number) =>
      test.store.limits.addAnswered({ account: 'shared', epoch, answered: 4, ceiling: 60 });
    expect(await add(0)).toMatchObject({ epoch: 1, refusal: { answered: 12 } });
    await test.store.limits.hold({ ...refused('shared'), ceiling: 60, until: past, answers: answers('b', 1) });
    const [last] = (await Promise.all([add(1), add(1)])).toSorted((a, b) => (b.rate ?? 0) - (a.rate ?? 0));
    expect(last).toMatchObject({ rate: 18, refusal: { answered: 20, by: 'a' } });

    await test.store.limits.climb({ account: 'shared', ceiling: 60, now: soon });
    expect((await add(1)).rate).toBeCloseTo(18.2);
  });

  it('continues from a document that an older version wrote', async () => {
    const old = { holdUntil: past, rate: 6, epoch: 4, reason: '429', climbedAt: past };
    await test.db.collection<{ _id: string }>('limits').insertOne({ _id: 'older', ...old });
    expect(await test.store.limits.read('older')).toMatchObject({ rate: 6, epoch: 4, refusal: null });
    expect(await test.store.limits.climb({ account: 'older', ceiling: 60, now: soon })).toBe(12);
    const hold = { ...refused('older'), epoch: 4, ceiling: 60, answers: answers('a', 10) };
    expect(await test.store.limits.hold(hold)).toMatchObject({ rate: 9, epoch: 5 });
  });
});

describe('the climb of a rate', () => {
  const heldUntil = new Date('2025-06-02T18:00:00Z');

  it('does nothing if the rate of the settings applies', async () => {
    expect(await climb('untroubled', 5)).toBeNull();
    await test.store.limits.setAnalysis({ account: 'with-transcripts', value: 'on' });
    expect(await climb('with-transcripts', 5)).toBeNull();
  });

  it('waits for the first minute without a hold', async () => {
    await test.store.limits.hold({ ...refused('held'), until: heldUntil });
    expect(await climb('held', -1)).toBe(1.5);
    expect(await climb('held', 0.9)).toBe(1.5);
    expect(await climb('held', 1)).toBe(1.8);
  });

  it('is a tenth of the ceiling a minute, for any number of callers, and ends at the ceiling', async () => {
    await test.store.limits.hold({ ...refused('climbing'), until: heldUntil });
    const rates: (number | null)[] = [];
    for (const minute of [1, 1.5, 2, 3, 4, 5]) {
      await Promise.all([climb('climbing', minute), climb('climbing', minute), climb('climbing', minute)]);
      rates.push((await test.store.limits.read('climbing'))?.rate ?? null);
    }
    expect(rates.map((rate) => rate && Math.round(rate * 10) / 10)).toEqual([1.8, 1.8, 2.1, 2.4, 2.7, null]);
  });

  it('is halved again by the next hold', async () => {
    await test.store.limits.hold({ ...refused('relapse'), until: heldUntil });
    await climb('relapse', 2);
    expect(await test.store.limits.hold({ ...refused('relapse'), until: soon, epoch: 1 })).toMatchObject({ rate: 0.9 });
  });

  function climb(account: string, minutesAfterHold: number): Promise<number | null> {
    const now = new Date(heldUntil.getTime() + minutesAfterHold * minuteMs);
    return test.store.limits.climb({ account, ceiling: 3, now });
  }
});

/** Returns the hold of an account's first 429, at 3 requests a second. */
function refused(account: string) {
  return { account, epoch: 0, ceiling: 3, reason: '429', until: soon };
}
