import { daysBetween, daysOf, type Days } from './days.js';
import type { DayProbe } from './probe-days.js';

/** An expected amount, and the range that contains the true one four times out of five. */
export interface Estimated {
  readonly expected: number;
  readonly low: number;
  readonly high: number;
}

/** `exact`: every day was read whole. Four times out of five, `good` is within 10 percent and `fair` within 35. */
type Sureness = 'exact' | 'good' | 'fair' | 'rough';

export interface BackfillEstimate {
  readonly rows: Estimated;
  /** Pages, including the empty one at each window's end. */
  readonly requests: Estimated;
  /** Calls whose transcripts are looked for afterwards, each with at least one request. */
  readonly transcripts: Estimated;
  /** Seconds that the requests of all windows take; writing the rows is not counted. */
  readonly readSeconds: Estimated;
  /** Seconds until the transcripts are fetched too. */
  readonly totalSeconds: Estimated;
  readonly sureness: Sureness;
}

export interface EstimateInput {
  /** Windows to read. */
  readonly windows: readonly Days[];
  /** Probes of some or all of these days. */
  readonly probes: readonly DayProbe[];
  /** Number of windows read at once. */
  readonly parallel: number;
  readonly requestsPerSecond: number;
  readonly withTranscripts: boolean;
}

/** Two-sided, 80 percent, six degrees of freedom: there are seven probes unless every day is probed. */
const STUDENT_T = 1.44;
const GOOD_MARGIN = 0.1;
const FAIR_MARGIN = 0.35;

/** Estimates requests and seconds for reading the windows from probes of some days; exactly 0 without windows. */
export function estimateOf(input: EstimateInput): BackfillEstimate {
  const { probes, requestsPerSecond, withTranscripts } = input;
  const dayCount = sum(input.windows.map(({ from, to }) => daysBetween(from, to)));
  const rows = sumOverDays({ dayCount, probes, amountOf: (probe) => probe.rows });
  const looks = sumOverDays({ dayCount, probes, amountOf: (probe) => (withTranscripts ? probe.transcripts : 0) });
  const requests = estimated((bound) => requestsFor(input, rows.expected === 0 ? 1 : rows[bound] / rows.expected));
  const read = estimated((bound) => secondsToRead(input, requests[bound]));
  return {
    rows: estimated((bound) => Math.round(rows[bound])),
    requests: estimated((bound) => Math.round(requests[bound])),
    transcripts: estimated((bound) => Math.round(looks[bound])),
    readSeconds: estimated((bound) => Math.ceil(read[bound])),
    totalSeconds: estimated((bound) =>
      Math.ceil(Math.max(read[bound], (requests[bound] + looks[bound]) / requestsPerSecond)),
    ),
    sureness: surenessOf(rows, dayCount > probes.length),
  };
}

function estimated(amountAt: (bound: keyof Estimated) => number): Estimated {
  return { expected: amountAt('expected'), low: amountAt('low'), high: amountAt('high') };
}

/**
 * Adds up an amount over all days. Its margin covers how much the days without a probe may differ from the others, and
 * everything concluded from the beginning of a day whose first page was full, since calls are unevenly spread over a
 * day.
 */
function sumOverDays(input: {
  dayCount: number;
  probes: readonly DayProbe[];
  amountOf: (probe: DayProbe) => number;
}): Estimated {
  const { dayCount, probes, amountOf } = input;
  if (probes.length === 0) return { expected: 0, low: 0, high: 0 };
  const seen = probes.map(amountOf);
  const ofDays = probes.map((probe) => amountOf(probe) / probe.share);
  const expected = (dayCount * sum(ofDays)) / probes.length;
  const unprobed = dayCount - probes.length;
  const spread =
    unprobed === 0 ? 0 : STUDENT_T * deviation(ofDays) * unprobed * Math.sqrt(1 / probes.length + 1 / unprobed);
  const concluded = (dayCount * (sum(ofDays) - sum(seen))) / probes.length;
  const margin = spread + concluded;
  return { expected, low: Math.max(sum(seen), expected - margin), high: expected + margin };
}

/** Counts the pages of all windows, empty ones included, if each day had `scale` times the rows of the probes. */
function requestsFor({ windows, probes }: EstimateInput, scale: number): number {
  const limit = Math.min(...probes.map((probe) => probe.limit));
  const rowsByDay = new Map(probes.map(({ day, rows, share }) => [day, (scale * rows) / share]));
  const rowsOfDays = [...rowsByDay.values()];
  return sum(
    windows.map((window) => {
      const days = daysOf(window);
      const known = sum(days.map((day) => rowsByDay.get(day) ?? 0));
      const unprobed = days.filter((day) => !rowsByDay.has(day)).length;
      const pages = rowsOfDays.map((rows) => Math.ceil(round((known + unprobed * rows) / limit)));
      return 1 + sum(pages) / pages.length;
    }),
  );
}

/** Returns the larger of two limits: the rate of all windows together, and one page after the other in each window. */
function secondsToRead({ windows, probes, parallel, requestsPerSecond }: EstimateInput, requests: number): number {
  if (requests === 0) return 0;
  const requestSeconds = sum(probes.map(({ requestMs }) => requestMs)) / probes.length / 1_000;
  const atOnce = Math.min(parallel, windows.length);
  return Math.max(requests / requestsPerSecond, (requests * requestSeconds) / atOnce);
}

function surenessOf({ expected, low, high }: Estimated, hasUnprobed: boolean): Sureness {
  if (!hasUnprobed && low === high) return 'exact';
  const margin = (high - low) / 2 / expected;
  // If no probe found a row, the margin is NaN: the other days are unknown.
  if (!(margin <= FAIR_MARGIN)) return 'rough';
  return margin <= GOOD_MARGIN ? 'good' : 'fair';
}

/** Estimates the standard deviation of the values that a sample was taken from. */
function deviation(sample: readonly number[]): number {
  if (sample.length < 2) return 0;
  const mean = sum(sample) / sample.length;
  return Math.sqrt(sum(sample.map((value) => (value - mean) ** 2)) / (sample.length - 1));
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}

/** Drops the last digits, so that 3 pages computed as 3.0000000000000004 are not rounded up to 4. */
function round(value: number): number {
  return Number(value.toPrecision(12));
}
