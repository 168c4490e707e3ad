/** A row of the feed, and from when on the API serves it. */
export interface FeedRow {
  /** As the API sends it, with `custom_data` in its nested form. Tests also put things here that are no row. */
  readonly row: unknown;
  readonly availableAt: Date;
  /** What the durations are cleared to once a correction is available; Invoca does not say which it is. */
  readonly clearedTo?: 0 | null;
}

/** Columns cleared in place on a row that was corrected since. */
export const durationColumns = ['duration', 'connect_duration', 'ivr_duration'] as const;

/** Rows which are all available, and have always been. */
export function alwaysAvailable(rows: readonly unknown[]): FeedRow[] {
  return rows.map((row) => ({ row, availableAt: new Date(0) }));
}

export function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
