import type { Collection } from 'mongodb';
import { UNKNOWN_SHAPE, type TranscriptStatus } from '../../domain/transcripts/transcript.js';
import type { CallDocument } from '../calls/call-document.js';
import { describing } from '../errors.js';

export interface TranscriptSummary {
  readonly byStatus: CallsByStatus;
  /** Calls to be looked for that nobody has claimed. */
  readonly dueNow: number;
  /** The start of the oldest call whose transcript is pending; null where there is none, or none with a known start. */
  readonly oldestPendingAt: Date | null;
  /** Transcripts kept as text because nobody can read them as turns. */
  readonly unknownShape: number;
  /** Transcripts that are held and whose analysis is to be asked for. */
  readonly analysesToCome: number;
  /**
   * From the end of a call to its transcript being fetched, over those of the newest 1,000 calls that came in fresh.
   */
  readonly observedDelaySeconds: { readonly p50: number; readonly p95: number } | null;
}

/** How many of the newest transcripts nobody can read. */
export interface Readability {
  /** Transcripts looked at: those fetched last, 20 of them or all there are. */
  readonly looked: number;
  /** Of these, those kept as text because nobody can read them as turns. */
  readonly unreadable: number;
  /** When the first of the unreadable ones was fetched; null where there is none. */
  readonly since: Date | null;
}

const DELAY_SAMPLE = 1_000;

/** A call without a known start has no place in time. */
const STARTED = { startedAt: { $gte: new Date(0) } };

interface SummaryOf {
  readonly calls: Collection<CallDocument>;
  readonly account: string;
  readonly now: Date;
}

export async function summarizeTranscripts(of: SummaryOf): Promise<TranscriptSummary> {
  const { calls, account } = of;
  return describing(`calls: summing up the transcripts of account ${account}`, async () => ({
    byStatus: await countByStatus(calls, account),
    dueNow: await countDue(of),
    oldestPendingAt: await oldestPending(of),
    unknownShape: await countUnknownShapes(of),
    analysesToCome: await countAnalysesToCome(of),
    observedDelaySeconds: await observedDelay(of),
  }));
}

/** Lane by lane, because each is one stretch of the index. */
async function countDue({ calls, account, now }: SummaryOf): Promise<number> {
  let due = 0;
  for (const lane of ['fresh', 'old'] as const) {
    due += await calls.countDocuments({
      account,
      'transcript.status': 'pending',
      'transcript.lane': lane,
      'transcript.nextAttemptAt': { $lte: now },
    });
  }
  return due;
}

async function oldestPending({ calls, account }: SummaryOf): Promise<Date | null> {
  const oldest = await calls.findOne(
    { account, 'transcript.status': 'pending', ...STARTED },
    { sort: { startedAt: 1 }, projection: { _id: 0, startedAt: 1 } },
  );
  return oldest?.startedAt ?? null;
}

async function countUnknownShapes({ calls, account }: SummaryOf): Promise<number> {
  return calls.countDocuments({ account, 'transcript.status': 'available', 'transcript.reason': UNKNOWN_SHAPE });
}

async function countAnalysesToCome({ calls, account }: SummaryOf): Promise<number> {
  return calls.countDocuments({
    account,
    'transcript.status': 'available',
    'transcript.nextAttemptAt': { $gt: new Date(0) },
  });
}

async function observedDelay({ calls, account }: SummaryOf): Promise<TranscriptSummary['observedDelaySeconds']> {
  const newest = await calls
    .find(
      { account, 'transcript.status': 'available', ...STARTED, durationSeconds: { $gte: 0 } },
      { sort: { startedAt: -1 }, limit: DELAY_SAMPLE, batchSize: DELAY_SAMPLE + 1 },
    )
    .project<Pick<CallDocument, 'startedAt' | 'durationSeconds' | 'transcript'>>({
      _id: 0,
      startedAt: 1,
      durationSeconds: 1,
      'transcript.fetchedAt': 1,
      'transcript.lane': 1,
    })
    .toArray();
  const delays = newest
    .flatMap(({ startedAt, durationSeconds, transcript: { fetchedAt, lane } }) =>
      lane !== 'fresh' || startedAt === null || durationSeconds === null || fetchedAt === null
        ? []
        : [(fetchedAt.getTime() - startedAt.getTime()) / 1000 - durationSeconds],
    )
    .sort((a, b) => a - b);
  const [p50, p95] = [quantile(delays, 0.5), quantile(delays, 0.95)];
  return p50 === null || p95 === null ? null : { p50, p95 };
}

/** The smallest value that at least this share of all values does not exceed; null where there are none. */
function quantile(sorted: readonly number[], share: number): number | null {
  const value = sorted[Math.max(0, Math.ceil(sorted.length * share) - 1)];
  return value === undefined ? null : Math.round(value);
}

/** A status no call has is left out; erased calls are not counted. */
export type CallsByStatus = Readonly<Partial<Record<TranscriptStatus, number>>>;

/** Counts the calls of an account by the status of their transcript. Reads an index alone, never the documents. */
export async function countByStatus(calls: Collection<CallDocument>, account: string): Promise<CallsByStatus> {
  const statuses = await describing(`calls: counting those of account ${account}`, () =>
    calls
      .aggregate<{ _id: TranscriptStatus; calls: number }>([
        { $match: { account } },
        { $group: { _id: '$transcript.status', calls: { $sum: 1 } } },
      ])
      .toArray(),
  );
  return Object.fromEntries(statuses.map(({ _id: status, calls: count }) => [status, count]));
}

const LOOKED_AT = 20;

/** Reads the end of the index of transcripts by when they were fetched. */
export async function readabilityOf(calls: Collection<CallDocument>, account: string): Promise<Readability> {
  const newest = await describing(`calls: looking at the newest transcripts of account ${account}`, () =>
    calls
      .find(
        { account, 'transcript.status': 'available', 'transcript.fetchedAt': { $gt: new Date(0) } },
        { sort: { 'transcript.fetchedAt': -1 }, limit: LOOKED_AT, batchSize: LOOKED_AT + 1 },
      )
      .project<{ fetchedAt: Date; reason: string | null }>({
        _id: 0,
        fetchedAt: '$transcript.fetchedAt',
        reason: '$transcript.reason',
      })
      .toArray(),
  );
  const unreadable = newest.filter(({ reason }) => reason === UNKNOWN_SHAPE);
  return { looked: newest.length, unreadable: unreadable.length, since: unreadable.at(-1)?.fetchedAt ?? null };
}
