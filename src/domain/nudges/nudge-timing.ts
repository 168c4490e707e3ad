/** Times in milliseconds. */
export interface NudgeTiming {
  /** Time from the last mention of an id until its call is read. */
  readonly collectMs: number;
  /** Longest time from the first mention: further mentions postpone the read no more. */
  readonly longestCollectMs: number;
  /** Time from finding the call of a transaction until it is read, for other transactions of the call. */
  readonly joinMs: number;
  /** Further looks for what the source does not show, counted from the first. */
  readonly lookAgainAfterMs: readonly number[];
}

export const NUDGE_TIMING: NudgeTiming = {
  collectMs: 2_000,
  longestCollectMs: 10_000,
  joinMs: 1_000,
  lookAgainAfterMs: [15_000, 60_000, 300_000],
};
