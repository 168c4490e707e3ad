/** A row of the feed, and the instant from which the API serves it. */
export interface FeedRow {
  /** Row as the API sends it, with `custom_data` in its nested form. Tests also use values that are not rows. */
  readonly row: unknown;
  readonly availableAt: Date;
  /** Value of the durations once a correction is available; Invoca does not document which it is. */
  readonly clearedTo?: 0 | null;
}

/** Columns that are cleared in a row once it is corrected. */
export const durationColumns = ['duration', 'connect_duration', 'ivr_duration'] as const;

/** Returns rows that have always been available. */
export function alwaysAvailable(rows: readonly unknown[]): FeedRow[] {
  return rows.map((row) => ({ row, availableAt: new Date(0) }));
}

export function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
