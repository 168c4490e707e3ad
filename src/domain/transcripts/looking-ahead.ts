/** Interval of the schedule that finds looks planned for hours later, and those that nothing has announced. */
export const TRANSCRIPTS_INTERVAL_MS = 15 * 60_000;

/** Time ahead within which a look is due soon: more than the interval, so that the next start is early enough. */
export const LOOK_AHEAD_MS = TRANSCRIPTS_INTERVAL_MS + 60_000;
