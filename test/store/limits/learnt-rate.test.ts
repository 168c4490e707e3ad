import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  CLEAN_MS,
  climbedRate,
  loweredRate,
  type RateRefusal,
  refusalAfter,
  spanBefore,
} from '../../../src/store/limits/learnt-rate.js';

const secondMs = 1_000;
const minuteMs = 60_000;
const CEILING = 60;

describe('the learnt rate of an API that allows 20 of 60 requests a second', () => {
  const seeds = fc.record({ startMs: fc.integer({ min: 0, max: 999 }), seed: fc.integer({ min: 1, max: 1e6 }) });

  it.each<[string, (startMs: number) => Admits]>([
    ['by fixed windows of a second', () => windows({ perSecond: () => 20, windowMs: secondMs })],
    ['by any second', () => anySecond(20)],
    ['by tokens, 20 at most', () => tokens({ perSecond: 20, most: 20 })],
  ])('reaches 85 %% of them %s, with at most one refusal a minute after the first', (_name, apiOf) => {
    fc.assert(
      fc.property(seeds, ({ startMs, seed }) => {
        const { answered, refusedMs } = simulate({ admits: apiOf(startMs), minutes: 10, startMs, seed });
        expect(answered / (10 * 60 * 20)).toBeGreaterThan(0.85);
        expect(refusedMs.filter((ms) => ms < startMs + minuteMs).length).toBeLessThanOrEqual(4);
        expect(mostInAMinute(refusedMs.filter((ms) => ms >= startMs + minuteMs))).toBeLessThanOrEqual(1);
      }),
      { numRuns: 30 },
    );
  });

  it('reaches 85 % by windows of a minute too', () => {
    const admits = windows({ perSecond: () => 20, windowMs: minuteMs });
    const { answered, refusedMs } = simulate({ admits, minutes: 10, retryAfterMs: 30_000 });
    expect(answered / (10 * 60 * 20)).toBeGreaterThan(0.85);
    expect(refusedMs.length).toBeLessThanOrEqual(10);
  });

  it('reaches 85 % by tokens of which a hundred may be saved up', () => {
    const { answered } = simulate({ admits: tokens({ perSecond: 20, most: 100 }), minutes: 10 });
    expect(answered / (10 * 60 * 20)).toBeGreaterThan(0.85);
  });

  it('reaches 85 % if a request now and then starts late, and those after it follow faster', () => {
    fc.assert(
      fc.property(seeds, ({ startMs, seed }) => {
        const { answered, refusedMs } = simulate({ admits: anySecond(20), minutes: 10, startMs, seed, lateMs: 200 });
        expect(answered / (10 * 60 * 20)).toBeGreaterThan(0.85);
        expect(refusedMs.length).toBeLessThanOrEqual(10);
      }),
      { numRuns: 30 },
    );
  });

  it('never exceeds the ceiling, and is the ceiling if the API allows that much', () => {
    const { answered, refusedMs, rate } = simulate({ admits: anySecond(61), minutes: 2 });
    expect([answered, refusedMs, rate]).toEqual([2 * 60 * CEILING, [], null]);
  });

  it('reaches 85 % for two processes that count their answers together', () => {
    const { answered } = simulate({ admits: anySecond(20), minutes: 5, seenShare: 1 });
    const alone = simulate({ admits: anySecond(20), minutes: 5, seenShare: 0.5 });
    expect(answered / (5 * 60 * 20)).toBeGreaterThan(0.85);
    expect(alone.answered).toBeLessThan(answered);
  });
});

describe('the learnt rate of an API whose limit changes', () => {
  it('falls with it within seconds', () => {
    const perSecond = (ms: number): number => (ms < 5 * minuteMs ? 20 : 8);
    const { answeredMs } = simulate({ admits: windows({ perSecond, windowMs: secondMs }), minutes: 8 });
    expect(between(answeredMs, 5.2 * minuteMs, 8 * minuteMs) / (2.8 * 60)).toBeGreaterThan(8 * 0.8);
  });

  it('rises with it, up to the ceiling', () => {
    const perSecond = (ms: number): number => (ms < 5 * minuteMs ? 20 : 100);
    const { rate } = simulate({ admits: windows({ perSecond, windowMs: secondMs }), minutes: 20 });
    expect(rate).toBeNull();
  });
});

describe('loweredRate', () => {
  const base = { at: new Date(0), rate: 60, by: 'a' };

  it('is below what was answered, never above what was allowed, and never below a hundredth', () => {
    const rates = fc.double({ min: 0.01, max: 1_000, noNaN: true });
    fc.assert(
      fc.property(rates, fc.nat(5_000), fc.boolean(), (rate, answered, isRelapse) => {
        const previous = isRelapse ? refusalAfter(null, { ...base, answered: 9 }) : null;
        const lowered = loweredRate(refusalAfter(previous, { ...base, rate, answered }), 1_000);
        expect(lowered).toBeLessThanOrEqual(rate);
        expect(lowered).toBeGreaterThanOrEqual(0.01);
      }),
    );
  });

  it.each([0, 2, 14])(
    'halves the rate if only %i of 60 were answered: another program may use the limit',
    (answered) => {
      expect(loweredRate(refusalAfter(null, { ...base, answered }), 60)).toBe(30);
    },
  );

  it('does not go below a fiftieth of the ceiling for such refusals, however many', () => {
    let refusal: RateRefusal | null = null;
    let rate = 60;
    for (let n = 0; n < 20; n += 1) {
      refusal = refusalAfter(refusal, { ...base, rate, answered: 1, at: new Date(n * secondMs) });
      rate = loweredRate(refusal, 60);
    }
    expect(rate).toBe(1.2);
    expect(climbedRate({ rate, refusal, ceiling: 60 })).toBe(7.2);
  });

  it('counts over the time of five requests if they are slow', () => {
    expect(spanBefore(0.5)).toBe(10_000);
    expect(loweredRate(refusalAfter(null, { ...base, rate: 0.5, answered: 5 }), 60)).toBeCloseTo(0.45);
  });
});

describe('climbedRate', () => {
  it('rises by a tenth of the ceiling to below the refused rate, then by steps that double', () => {
    const refusal = refusalAfter(null, { at: new Date(0), rate: 60, by: 'a', answered: 20 });
    const rates: (number | null)[] = [10];
    while (rates.at(-1) !== null) rates.push(climbedRate({ rate: rates.at(-1) ?? 0, refusal, ceiling: 60 }));
    const rounded = rates.map((rate) => rate && Number(rate.toFixed(1)));
    expect(rounded).toEqual([10, 16, 18, 18.2, 18.6, 19.4, 21, 24.2, 30.2, 36.2, 42.2, 48.2, 54.2, null]);
  });
});

/** Decides about a request at an instant, in milliseconds. Instants never decrease. */
type Admits = (ms: number) => boolean;

function windows({ perSecond, windowMs }: { perSecond: (ms: number) => number; windowMs: number }): Admits {
  let window = -1;
  let used = 0;
  return (ms) => {
    const current = Math.floor(ms / windowMs);
    if (current !== window) [window, used] = [current, 0];
    if (used >= (perSecond(ms) * windowMs) / secondMs) return false;
    used += 1;
    return true;
  };
}

function anySecond(limit: number): Admits {
  const admitted: number[] = [];
  return (ms) => {
    if ((admitted.at(-limit) ?? -Infinity) > ms - secondMs) return false;
    admitted.push(ms);
    return true;
  };
}

function tokens({ perSecond, most }: { perSecond: number; most: number }): Admits {
  let left = most;
  let lastMs = 0;
  return (ms) => {
    left = Math.min(most, left + ((ms - lastMs) / secondMs) * perSecond);
    lastMs = ms;
    if (left < 1) return false;
    left -= 1;
    return true;
  };
}

interface Simulation {
  readonly admits: Admits;
  readonly minutes: number;
  readonly retryAfterMs?: number;
  readonly startMs?: number;
  readonly seed?: number;
  /** Share of the answers that are counted at a refusal. */
  readonly seenShare?: number;
  /** Time by which one of 500 requests starts late; the next ones follow a little closer, as a worker lets them. */
  readonly lateMs?: number;
}

/** Makes as many requests as the rate allows, each of which arrives a third of the distance late at most. */
function simulate(simulation: Simulation) {
  const { admits, minutes, retryAfterMs = secondMs, startMs = 0, seed = 1, seenShare = 1, lateMs = 0 } = simulation;
  const random = pseudoRandom(seed);
  const answeredMs: number[] = [];
  const refusedMs: number[] = [];
  let rate: number | null = null;
  let refusal: RateRefusal | null = null;
  let cleanFromMs = 0;
  let nextLookMs = startMs;
  let startedMs = -Infinity;
  for (let slotMs = startMs; slotMs < startMs + minutes * minuteMs;) {
    if (slotMs >= nextLookMs) {
      nextLookMs = slotMs + 15_000;
      if (rate !== null && slotMs - cleanFromMs >= CLEAN_MS) {
        rate = climbedRate({ rate, refusal, ceiling: CEILING });
        cleanFromMs = slotMs;
      }
    }
    const allowed = Math.min(rate ?? CEILING, CEILING);
    const lateByMs = lateMs > 0 && random() < 1 / 500 ? lateMs : 0;
    startedMs = Math.max(slotMs + lateByMs, startedMs + (0.95 * secondMs) / allowed);
    const ms = startedMs + (random() * secondMs) / allowed / 3;
    if (admits(ms)) {
      answeredMs.push(ms);
      slotMs += secondMs / allowed;
      continue;
    }
    refusedMs.push(ms);
    const answered = Math.floor(between(answeredMs, ms - spanBefore(allowed), ms) * seenShare);
    refusal = refusalAfter(refusal, { at: new Date(ms), rate: allowed, by: 'a', answered });
    rate = loweredRate(refusal, CEILING);
    cleanFromMs = ms + retryAfterMs;
    slotMs = cleanFromMs;
  }
  return { answered: answeredMs.length, answeredMs, refusedMs, rate };
}

/** Returns the number of instants after `fromMs`, up to `toMs`. */
function between(instantsMs: readonly number[], fromMs: number, toMs: number): number {
  return instantsMs.filter((ms) => ms > fromMs && ms <= toMs).length;
}

function mostInAMinute(instantsMs: readonly number[]): number {
  return Math.max(0, ...instantsMs.map((ms) => between(instantsMs, ms - minuteMs, ms)));
}

/** Returns a generator of numbers from 0 to 1 (a linear congruential one). */
function pseudoRandom(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state * 1_103_515_245 + 12_345) % 2 ** 31;
    return state / 2 ** 31;
  };
}
