import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { RequestFlow } from '../../src/worker/request-flow.js';
import { createRequestRates } from '../../src/worker/request-rates.js';

const at = (ms: number): Date => new Date(Date.UTC(2026, 10, 22) + ms);

describe('the requests of an account in this process', () => {
  it('start one after the other if the queue releases several together', async () => {
    const { rates } = ratesOf(20);
    const startedMs = await Promise.all(
      Array.from({ length: 5 }, async () => {
        await rates.turn('a');
        return performance.now();
      }),
    );
    // A timer may fire a millisecond early, and any time late.
    const distances = startedMs.slice(1).map((ms, index) => ms - (startedMs[index] ?? 0));
    expect(Math.max(...startedMs) - Math.min(...startedMs)).toBeGreaterThan((4 * 1_000) / 20 / 1.05 - 5);
    expect(Math.min(...distances)).toBeGreaterThan(0);
  });

  it('stay apart when the process was busy, and lose no rate by timers that are a little late', async () => {
    const gapMs = 1_000 / 20 / 1.05;
    // So few that none of them waits for a second.
    const lateMs = fc.oneof(fc.double({ min: 0, max: gapMs / 4, noNaN: true }), fc.nat(100));
    await fc.assert(
      fc.asyncProperty(fc.array(lateMs, { minLength: 1, maxLength: 6 }), async (latesMs) => {
        const startedMs = await startsWith({ rate: 20, latesMs });
        const distances = startedMs.slice(1).map((ms, index) => ms - (startedMs[index] ?? 0));
        expect(Math.min(...distances)).toBeGreaterThan(gapMs * 0.75 - 1.01);
        const isALittle = latesMs.every((ms) => ms <= gapMs / 4);
        if (isALittle) expect(startedMs.at(-1)).toBeLessThan((latesMs.length + 0.26) * gapMs);
      }),
    );
  });

  it('wait a second at most, however low the rate is', async () => {
    const { rates } = ratesOf(0.01);
    const startMs = performance.now();
    await Promise.all([rates.turn('a'), rates.turn('a')]);
    expect(performance.now() - startMs).toBeLessThan(10_000);
  });

  it('are counted when they are answered', () => {
    const { rates } = ratesOf(3);
    for (const ms of [0, 500, 1_000, 1_500]) rates.noteAnswer({ account: 'a', at: at(ms) });
    expect(rates.answeredIn({ account: 'a', at: at(1_000), spanMs: 1_000 })).toBe(2);
    expect(rates.answeredIn({ account: 'a', at: at(5_000), spanMs: 1_000 })).toBe(0);
  });

  it('add their answers once to each refusal of another process, and to none of this one', () => {
    const { rates } = ratesOf(3);
    rates.noteAnswer({ account: 'a', at: at(500) });
    const add = (epoch: number, by: string): number => {
      const answered = {
        at: at(1_000),
        rate: 3,
        answered: 1,
        spanMs: 1_000,
        isRelapse: false,
        refusedBefore: null,
        by,
      };
      const hold = { holdUntil: at(2_000), rate: 1, epoch, reason: '429', refusal: answered };
      return rates.answersToAdd({ account: 'a', hold });
    };
    expect([add(1, 'other'), add(1, 'other'), add(2, rates.processName), add(3, 'other')]).toEqual([1, 0, 0, 1]);
  });

  it('has another name in each process', () => {
    expect(ratesOf(3).rates.processName).not.toBe(ratesOf(3).rates.processName);
  });
});

/** Returns the starts of requests that are released together, by a clock whose n-th wait ends `latesMs[n]` late. */
async function startsWith({ rate, latesMs }: { rate: number; latesMs: readonly number[] }): Promise<number[]> {
  let nowMs = 0;
  let waits = 0;
  const sleep = (waitMs: number): Promise<void> => {
    nowMs += waitMs + (latesMs[waits] ?? 0);
    waits += 1;
    return Promise.resolve();
  };
  const flow = new RequestFlow(rate, { nowMs: () => nowMs, sleep });
  return Promise.all(
    Array.from({ length: latesMs.length + 1 }, async () => {
      await flow.turn();
      return nowMs;
    }),
  );
}

function ratesOf(requestsPerSecond: number) {
  return { rates: createRequestRates([{ name: 'a', requestsPerSecond }], () => Promise.resolve()) };
}
