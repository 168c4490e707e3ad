import type { DayProbe } from '../../domain/days/probe-days.js';
import type { AskInput } from '../requests/ask-source.js';
import type { WaitResult } from '../requests/account-hold.js';

export interface ProbeDayInput extends AskInput {
  readonly day: string;
  /** Rows to ask for; null for the account's own limit, which is never exceeded. */
  readonly limit: number | null;
}

/** `shrink`: fewer rows are to be asked for. `wait`: the source asks to be left alone until an instant. */
export type ProbeDayResult =
  | { readonly outcome: 'probed'; readonly probe: DayProbe }
  | { readonly outcome: 'shrink'; readonly limit: number }
  | WaitResult;
