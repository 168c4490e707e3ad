import type { DayProbe } from '../../domain/days/probe-days.js';

export interface ProbeDayInput {
  readonly account: string;
  readonly day: string;
  /** Rows to ask for; null for the account's own limit, which is never exceeded. */
  readonly limit: number | null;
  /** How many waits for a failing source came right before. */
  readonly precedingWaits: number;
}

/** `shrink`: fewer rows are to be asked for. `wait`: the source asks to be left alone until an instant. */
export type ProbeDayResult =
  | { readonly outcome: 'probed'; readonly probe: DayProbe }
  | { readonly outcome: 'shrink'; readonly limit: number }
  | { readonly outcome: 'wait'; readonly until: string; readonly reason: string };
