import type { Collection, Db, Document } from 'mongodb';
import { earliest, latest } from '../../domain/earliest.js';
import { grouped } from '../../domain/grouped.js';
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
export interface BucketFacts extends Omit<TranscriptSummary, 'observedDelaySeconds'> {
  readonly calls: number;
  readonly newestStartedAt: Date | null;
  /** Instant of the next look that was not due yet; null if there is none. Counts of earlier versions lack it. */
  readonly nextLookAt?: Date | null;
}

interface StatusCount {
  readonly _id: {
    readonly account: string;
    readonly status?: TranscriptStatus | null;
    readonly reason?: string | null;
  };
  readonly calls: number;
  readonly dueNow: number;
  readonly planned: number;
  readonly nextLookAt: Date | null;
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
  const counted = await countByAccount({ calls, match: { account, startedAt: startsOf(bucket) }, now });
  const facts = counted.get(account) ?? addedUp([]);
  return { _id: bucketId(account, bucket), account, bucket, countedAt: now, ...facts };
}

/** Counts the calls that match, by account. An account without calls is left out. Throws the driver's errors. */
export async function countByAccount({
  calls,
  match,
  now,
}: {
  readonly calls: Collection<CallDocument>;
  readonly match: Document;
  readonly now: Date;
}): Promise<ReadonlyMap<string, BucketFacts>> {
  const isPlanned = { $gt: [NEXT, new Date(0)] };
  const statuses = await calls
    .aggregate<StatusCount>([
      { $match: match },
      {
        $group: {
          _id: { account: '$account', status: '$transcript.status', reason: '$transcript.reason' },
          calls: { $sum: 1 },
          dueNow: { $sum: { $cond: [{ $and: [isPlanned, { $lte: [NEXT, now] }] }, 1, 0] } },
          planned: { $sum: { $cond: [isPlanned, 1, 0] } },
          nextLookAt: { $min: { $cond: [{ $gt: [NEXT, now] }, NEXT, null] } },
          newest: { $max: '$startedAt' },
          oldest: { $min: '$startedAt' },
        },
      },
    ])
    .toArray();
  const byAccount = grouped(statuses, ({ _id }) => _id.account);
  return new Map([...byAccount].map(([account, counts]) => [account, addedUp(counts.flatMap(factsOf))]));
}

function bucketId(account: string, bucket: Bucket): string {
  return `${account}/${bucket}`;
}

function factsOf({
  _id: { status, reason },
  calls,
  dueNow,
  planned,
  newest,
  oldest,
  ...next
}: StatusCount): BucketFacts[] {
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
      analysesToCome: isAvailable ? planned : 0,
      newestStartedAt: newest,
      nextLookAt: next.nextLookAt,
    },
  ];
}

/** Adds up the counts of different calls. */
export function addedUp(all: readonly BucketFacts[]): BucketFacts {
  const byStatus: Partial<Record<TranscriptStatus, number>> = {};
  const sums = { calls: 0, dueNow: 0, unknownShape: 0, analysesToCome: 0 };
  for (const facts of all) {
    sums.calls += facts.calls;
    sums.dueNow += facts.dueNow;
    sums.unknownShape += facts.unknownShape;
    sums.analysesToCome += facts.analysesToCome;
    for (const [status, calls] of Object.entries(facts.byStatus) as [TranscriptStatus, number][]) {
      byStatus[status] = (byStatus[status] ?? 0) + calls;
    }
  }
  return {
    ...sums,
    byStatus,
    oldestPendingAt: earliest(all.map((facts) => facts.oldestPendingAt)),
    newestStartedAt: latest(all.map((facts) => facts.newestStartedAt)),
    nextLookAt: earliest(all.map((facts) => facts.nextLookAt ?? null)),
  };
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
