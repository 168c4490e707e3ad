import type { RequestRates } from '../../src/activities/dependencies.js';

/** Requests per second in tests that are not about them. */
export const CEILING = 1_000;

/** The ceiling is the same for all accounts, and no queue follows. */
export const fixedRates: RequestRates = {
  ceilingOf: () => CEILING,
  follow: () => Promise.resolve(),
};
