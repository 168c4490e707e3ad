import type { Collection, Db } from 'mongodb';
import { UNKNOWN_SHAPE, type TranscriptStatus } from '../../domain/transcripts/transcript.js';
import type { CallDocument } from '../calls/call-document.js';
import type { TranscriptSummary } from '../transcripts/transcript-summary.js';
import { type Bucket, bucketOf, startsOf } from './call-buckets.js';

/** Counts of the calls of an account that share a bucket; a document of the collection `callCounts`. */
export interface BucketCounts extends BucketFacts {
  /** `<account>/<bucket>`. */
  readonly _id: string;
  readonly account: string;
  readonly bucket: Bucket;
  /** Instant at which the count began; that of 1970 if the bucket is to be counted again soon. */
  readonly countedAt: Date;
}

/** Counts of some calls; erased ones are not counted. */
interface BucketFacts extends Omit<TranscriptSummary, 'observedDelaySeconds'> {
  readonly calls: number;
  readonly newestStartedAt: Date | null;
}

interface StatusCount {
  readonly _id: { readonly status?: TranscriptStatus | null; readonly reason?: string | null };
  readonly calls: number;
  readonly dueNow: number;
  readonly later: number;
  readonly newest: Date | null;
  readonly oldest: Date | null;
}

const NEXT = '$transcript.nextAttemptAt';

interface CountOf {
  readonly calls: Collection<CallDocument>;
  readonly account: string;
  readonly bucket: Bucket;
  readonly now: Date;
}

/** Counts the calls of a bucket: one range of an index. Throws the driver's errors. */
export async function countBucket({ calls, account, bucket, now }: CountOf): Promise<BucketCounts> {
  const isPlanned = { $gt: [NEXT, new Date(0)] };
  const statuses = await calls
    .aggregate<StatusCount>([
      { $match: { account, startedAt: startsOf(bucket) } },
      {
        $group: {
          _id: { status: '$transcript.status', reason: '$transcript.reason' },
          calls: { $sum: 1 },
          dueNow: { $sum: { $cond: [{ $and: [isPlanned, { $lte: [NEXT, now] }] }, 1, 0] } },
          later: { $sum: { $cond: [isPlanned, 1, 0] } },
          newest: { $max: '$startedAt' },
          oldest: { $min: '$startedAt' },
        },
      },
    ])
    .toArray();
  const facts = addedUp(statuses.flatMap(factsOf));
  return { _id: bucketId(account, bucket), account, bucket, countedAt: now, ...facts };
}

function bucketId(account: string, bucket: Bucket): string {
  return `${account}/${bucket}`;
}

function factsOf({ _id: { status, reason }, calls, dueNow, later, newest, oldest }: StatusCount): BucketFacts[] {
  // The stub of an erased call has no transcript.
  if (status == null) return [];
  const isAvailable = status === 'available';
  return [
    {
      calls,
      byStatus: { [status]: calls },
      dueNow: status === 'pending' ? dueNow : 0,
      oldestPendingAt: status === 'pending' ? oldest : null,
      unknownShape: isAvailable && reason === UNKNOWN_SHAPE ? calls : 0,
      analysesToCome: isAvailable ? later : 0,
      newestStartedAt: newest,
    },
  ];
}

/** Adds up the counts of different calls. */
export function addedUp(all: readonly BucketFacts[]): BucketFacts {
  const byStatus: Partial<Record<TranscriptStatus, number>> = {};
  const sums = { calls: 0, dueNow: 0, unknownShape: 0, analysesToCome: 0 };
  let oldestPendingAt: Date | null = null;
  let newestStartedAt: Date | null = null;
  for (const facts of all) {
    sums.calls += facts.calls;
    sums.dueNow += facts.dueNow;
    sums.unknownShape += facts.unknownShape;
    sums.analysesToCome += facts.analysesToCome;
    for (const [status, calls] of Object.entries(facts.byStatus) as [TranscriptStatus, number][]) {
      byStatus[status] = (byStatus[status] ?? 0) + calls;
    }
    const { oldestPendingAt: oldest, newestStartedAt: newest } = facts;
    if (oldest !== null && (oldestPendingAt === null || oldest < oldestPendingAt)) oldestPendingAt = oldest;
    if (newest !== null && (newestStartedAt === null || newest > newestStartedAt)) newestStartedAt = newest;
  }
  return { ...sums, byStatus, oldestPendingAt, newestStartedAt };
}

/** Marks the buckets of calls that were erased, to be counted again soon: the stubs that are left have no start. */
export async function countAgainSoon({
  db,
  calls,
}: {
  db: Db;
  calls: readonly Pick<CallDocument, 'account' | 'startedAt'>[];
}): Promise<void> {
  const ids = [...new Set(calls.map(({ account, startedAt }) => bucketId(account, bucketOf(startedAt))))];
  const buckets = db.collection<BucketCounts>('callCounts');
  await buckets.updateMany({ _id: { $in: ids } }, { $set: { countedAt: new Date(0) } });
}
