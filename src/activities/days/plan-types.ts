import type { Days } from '../../domain/days/days.js';

export interface PlanBackfillInput {
  readonly account: string;
  readonly window: Days;
}

export interface PlanBackfillResult {
  /** Those of the days that are complete. */
  readonly complete: readonly Days[];
}

export interface PlanReconcileInput {
  readonly account: string;
  /** How many days to reconcile. */
  readonly days: number;
}

/** The days to reconcile. */
export type PlanReconcileResult = Days;
