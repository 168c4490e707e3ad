import type { RequestRates } from '../../src/activities/dependencies.js';

/** Ceiling of an account in tests of other things, in requests per second. */
export const CEILING = 1_000;

/** Rates with the same ceiling for every account; no task queue follows them. */
export const fixedRates: RequestRates = {
  processName: 'test',
  ceilingOf: () => CEILING,
  follow: () => Promise.resolve(),
  turn: () => Promise.resolve(),
  noteAnswer: () => undefined,
  answeredIn: () => 0,
  answersToAdd: () => 0,
};
