import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { addDays, daysOf, splitDays } from '../../../src/domain/days/days.js';
import { estimateOf, type EstimateInput } from '../../../src/domain/days/estimate.js';
import { daysToProbe, type DayProbe } from '../../../src/domain/days/probe-days.js';

const from = '2025-03-01';

function aProbe(probe: Partial<DayProbe> & { day: string }): DayProbe {
  return { limit: 100, rows: 50, calls: 40, transcripts: 30, share: 1, requestMs: 100, ...probe };
}

/** Probes the days of a range that a backfill would probe; `rowsOf` returns the rows of the day at an index. */
function anInput(input: {
  days: number;
  windowDays?: number;
  rowsOf?: (place: number) => number;
  options?: Partial<EstimateInput>;
}): EstimateInput {
  const { days: count, windowDays = 1, rowsOf = () => 50 } = input;
  const range = { from, to: addDays(from, count - 1) };
  const days = daysOf(range);
  const probes = daysToProbe(days).map((day) => aProbe({ day, rows: rowsOf(days.indexOf(day)), limit: 100 }));
  const windows = splitDays({ ...range, windowDays });
  return { windows, probes, parallel: 4, requestsPerSecond: 2, withTranscripts: true, ...input.options };
}

function exactly(amount: number) {
  return { expected: amount, low: amount, high: amount };
}

describe('estimateOf', () => {
  it('is exact if every day was read whole: each window takes its pages and an empty one', () => {
    const rows = [0, 1, 99, 100];
    const estimate = estimateOf(anInput({ days: 4, rowsOf: (place) => rows[place] ?? 0 }));
    expect(estimate).toMatchObject({
      rows: exactly(200),
      requests: exactly(4 + 0 + 1 + 1 + 1),
      transcripts: exactly(120),
      sureness: 'exact',
    });
    const asOne = estimateOf(anInput({ days: 4, windowDays: 4, rowsOf: (place) => rows[place] ?? 0 }));
    expect(asOne.requests).toEqual(exactly(1 + 2));
  });

  it('estimates 0 if there is nothing to read', () => {
    const estimate = estimateOf(anInput({ days: 0 }));
    expect(estimate).toMatchObject({
      rows: exactly(0),
      requests: exactly(0),
      totalSeconds: exactly(0),
      sureness: 'exact',
    });
  });

  it('extends the probed days to the others, and is surer the more they are alike', () => {
    const alike = estimateOf(anInput({ days: 365 }));
    expect(alike).toMatchObject({ rows: exactly(365 * 50), requests: exactly(365 * 2), sureness: 'good' });
    const unlike = estimateOf(anInput({ days: 365, rowsOf: (place) => (place % 5) * 25 }));
    expect(unlike.sureness).toBe('rough');
    expect(unlike.rows.low).toBeLessThan(unlike.rows.expected);
    expect(unlike.rows.high).toBeGreaterThan(unlike.rows.expected);
    expect(unlike.requests.high).toBeGreaterThan(unlike.requests.low);
  });

  it('is rough if no probed day has a row', () => {
    expect(estimateOf(anInput({ days: 365, rowsOf: () => 0 }))).toMatchObject({ rows: exactly(0), sureness: 'rough' });
  });

  it('counts a full page as the part of the day that it covers, which is never exact', () => {
    const [window] = splitDays({ from, to: from, windowDays: 1 });
    const probes = [aProbe({ day: from, rows: 100, transcripts: 80, share: 0.25 })];
    const input = { windows: window ? [window] : [], probes, parallel: 1, requestsPerSecond: 1, withTranscripts: true };
    const estimate = estimateOf(input);
    expect(estimate.rows).toEqual({ expected: 400, low: 100, high: 700 });
    expect(estimate.requests).toEqual({ expected: 5, low: 2, high: 8 });
    expect(estimate.transcripts.expected).toBe(320);
    expect(estimate.sureness).toBe('rough');
  });

  it('never estimates less than was seen', () => {
    const shareOf = fc.double({ min: 0.01, max: 1, noNaN: true });
    const pages = fc.array(fc.record({ rows: fc.nat(100), share: shareOf }), { minLength: 7, maxLength: 7 });
    fc.assert(
      fc.property(
        fc.integer({ min: 7, max: 400 }),
        fc.integer({ min: 1, max: 31 }),
        pages,
        (days, windowDays, seen) => {
          const input = anInput({ days, windowDays });
          const probes = input.probes.map((probe, index) => ({ ...probe, ...seen[index] }));
          const { rows, requests, totalSeconds } = estimateOf({ ...input, probes });
          expect(rows.low).toBeGreaterThanOrEqual(probes.reduce((sum, probe) => sum + probe.rows, 0));
          for (const { low, expected, high } of [rows, requests, totalSeconds]) {
            expect(low).toBeLessThanOrEqual(expected);
            expect(expected).toBeLessThanOrEqual(high);
          }
          expect(requests.low).toBeGreaterThanOrEqual(input.windows.length);
        },
      ),
    );
  });

  it('counts no transcripts if none are wanted', () => {
    const estimate = estimateOf(anInput({ days: 3, options: { withTranscripts: false } }));
    expect(estimate.transcripts).toEqual(exactly(0));
    expect(estimate.totalSeconds).toEqual(estimate.readSeconds);
  });

  it('takes the time that the rate requires, for the pages and then for the transcripts', () => {
    const { readSeconds, totalSeconds } = estimateOf(anInput({ days: 7 }));
    expect(readSeconds).toEqual(exactly(14 / 2));
    expect(totalSeconds).toEqual(exactly((14 + 7 * 30) / 2));
  });

  it('takes the time that the source needs to answer, if that is longer', () => {
    const slow = anInput({ days: 7 }).probes.map((probe) => ({ ...probe, requestMs: 10_000 }));
    const fourAtOnce = estimateOf(anInput({ days: 7, options: { probes: slow } }));
    expect(fourAtOnce.readSeconds).toEqual(exactly((14 * 10) / 4));
    const moreThanWindows = estimateOf(anInput({ days: 7, options: { probes: slow, parallel: 100 } }));
    expect(moreThanWindows.readSeconds).toEqual(exactly((14 * 10) / 7));
  });
});
