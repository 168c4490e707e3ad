import type { Collection } from 'mongodb';
import type { CallDocument } from '../calls/call-document.js';
import {
  type Readability,
  readabilityOf,
  summarizeTranscripts,
  type TranscriptSummary,
} from '../transcripts/transcript-summary.js';

/** Counts of an account's calls, and when they were made. */
export interface CallCounts extends TranscriptSummary {
  /** Null if no worker has counted the calls yet and they are too many to count when asked. */
  readonly calls: number | null;
  readonly newestStartedAt: Date | null;
  readonly readability: Readability;
  /** Instant at which a worker last counted; null if the calls were counted just now, or not yet. */
  readonly countedAt: Date | null;
}

/** Counts the calls of a small account. Throws the driver's errors. */
export async function countDirectly(of: {
  readonly calls: Collection<CallDocument>;
  readonly account: string;
  readonly now: Date;
}): Promise<CallCounts> {
  const { calls, account } = of;
  const summary = await summarizeTranscripts(of);
  const newest = await calls.findOne({ account }, { sort: { startedAt: -1 }, projection: { _id: 0, startedAt: 1 } });
  return {
    ...summary,
    calls: Object.values(summary.byStatus).reduce((sum, each) => sum + each, 0),
    newestStartedAt: newest?.startedAt ?? null,
    readability: await readabilityOf(calls, account),
    countedAt: null,
  };
}
