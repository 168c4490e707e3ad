import type { TranscriptDispatcher } from '../../src/activities/dependencies.js';

/** A dispatcher that never runs, as that of an account without schedules. */
export const noDispatcher: TranscriptDispatcher = {
  pauseMs: 1_000,
  isWanted: () => Promise.resolve(false),
  wake: () => Promise.resolve(),
};
