import { NO_SAMPLE, type TranscriptSample } from '../transcripts/transcript-summary.js';
import { addedUp, type BucketFacts } from './bucket-counts.js';
import type { CallCounts } from './direct-count.js';

/** State of the counting of an account; a document of the collection `callCountRuns`. */
export interface CountRun extends TranscriptSample {
  /** The account. */
  readonly _id: string;
  /** Start of the first count, which takes all pieces of time in turn. */
  readonly beganAt: Date;
  /** Number of the pieces that are counted; after the first count, those counted again since. */
  readonly pieces: number;
  /** Start of the last count; null until the first is finished. */
  readonly countedAt: Date | null;
  /** Number of calls counted so far. */
  readonly calls: number;
  /** Instant before which nobody else counts. */
  readonly dueAt: Date;
  /** Names the worker's claim. */
  readonly lease: string | null;
  /** Sums over all buckets at the last count; earlier versions stored none. */
  readonly totals?: BucketFacts;
}

/** Counts of an account whose calls are too many to count when asked, and that no worker has counted yet. */
export const NOT_COUNTED: CallCounts = {
  ...addedUp([]),
  ...NO_SAMPLE,
  calls: null,
  nextLookAt: null,
  countedAt: null,
};
