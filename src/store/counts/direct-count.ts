import type { Collection } from 'mongodb';
import { anyOf } from '../any-of.js';
import type { CallDocument } from '../calls/call-document.js';
import {
  NO_SAMPLE,
  observedDelay,
  readabilityOf,
  type TranscriptSample,
  type TranscriptSummary,
} from '../transcripts/transcript-summary.js';
import { addedUp, countByAccount } from './bucket-counts.js';

/** Counts of an account's calls, and when they were made. */
export interface CallCounts extends TranscriptSummary, TranscriptSample {
  /** Null if no worker has counted the calls yet and they are too many to count when asked. */
  readonly calls: number | null;
  readonly newestStartedAt: Date | null;
  /** Instant of the next look that was not due yet when the calls were counted; null if there was none. */
  readonly nextLookAt: Date | null;
  /** Instant at which a worker last counted; null if the calls were counted just now, or not yet. */
  readonly countedAt: Date | null;
}

/** Counts the calls of accounts that have few of them together. Throws the driver's errors. */
export async function countDirectly({
  calls,
  accounts,
  now,
}: {
  readonly calls: Collection<CallDocument>;
  readonly accounts: readonly string[];
  readonly now: Date;
}): Promise<Map<string, CallCounts>> {
  const counted = await countByAccount({ calls, match: { account: anyOf(accounts) }, now });
  const counts = accounts.map(async (account): Promise<[string, CallCounts]> => {
    const { nextLookAt = null, ...facts } = counted.get(account) ?? addedUp([]);
    const hasTranscripts = (facts.byStatus.available ?? 0) > 0;
    const sample = hasTranscripts ? await sampleOf(calls, account) : NO_SAMPLE;
    return [account, { ...facts, nextLookAt, ...sample, countedAt: null }];
  });
  return new Map(await Promise.all(counts));
}

async function sampleOf(calls: Collection<CallDocument>, account: string): Promise<TranscriptSample> {
  return {
    readability: await readabilityOf(calls, account),
    observedDelaySeconds: await observedDelay({ calls, account, since: new Date(0) }),
  };
}
