import type { Collection } from 'mongodb';
import { UNKNOWN_SHAPE, type TranscriptStatus } from '../../domain/transcripts/transcript.js';
import type { CallDocument } from '../calls/call-document.js';
import { describing } from '../errors.js';
import { inOneAnswer } from '../one-answer.js';

export interface TranscriptSummary {
  readonly byStatus: CallsByStatus;
  /** Number of pending transcripts whose look is due. */
  readonly dueNow: number;
  /** Start of the oldest call whose transcript is pending; null if there is none with a known start. */
  readonly oldestPendingAt: Date | null;
  /** Number of transcripts stored only as text, because their turns cannot be read. */
  readonly unknownShape: number;
  /** Number of stored transcripts whose analysis is still to be fetched. */
  readonly analysesToCome: number;
  /**
   * Seconds from the end of a call to its transcript, for the fresh ones of the newest 1,000 calls with a transcript.
   */
  readonly observedDelaySeconds: { readonly p50: number; readonly p95: number } | null;
}

/** Number of the newest transcripts whose turns cannot be read. */
export interface Readability {
  /** Number of transcripts examined: the 20 fetched last, or all if there are fewer. */
  readonly looked: number;
  /** Number of these stored only as text, because their turns cannot be read. */
  readonly unreadable: number;
  /** Time at which the first of the unreadable ones was fetched; null if there is none. */
  readonly since: Date | null;
}

const DELAY_SAMPLE = 1_000;

interface SampleOf {
  readonly calls: Collection<CallDocument>;
  readonly account: string;
}

/** Facts about a sample of an account's transcripts. */
export interface TranscriptSample {
  readonly readability: Readability;
  readonly observedDelaySeconds: TranscriptSummary['observedDelaySeconds'];
}

export const NO_SAMPLE: TranscriptSample = {
  readability: { looked: 0, unreadable: 0, since: null },
  observedDelaySeconds: null,
};

/** Measures the delay of the newest calls that started at `since` or later. Throws the driver's errors. */
export async function observedDelay({
  calls,
  account,
  since,
}: SampleOf & { readonly since: Date }): Promise<TranscriptSummary['observedDelaySeconds']> {
  const newest = await calls
    .find(
      { account, 'transcript.status': 'available', startedAt: { $gte: since } },
      { sort: { startedAt: -1 }, limit: DELAY_SAMPLE, ...inOneAnswer(DELAY_SAMPLE) },
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

/** Returns the smallest value that at least `share` (0 to 1) of the values do not exceed; null if there are none. */
function quantile(sorted: readonly number[], share: number): number | null {
  const value = sorted[Math.max(0, Math.ceil(sorted.length * share) - 1)];
  return value === undefined ? null : Math.round(value);
}

/** Number of calls by transcript status. A status without calls is left out; erased calls are not counted. */
export type CallsByStatus = Readonly<Partial<Record<TranscriptStatus, number>>>;

/** Counts the calls of an account by the status of their transcript. Reads only an index, never the documents. */
export async function countByStatus(calls: Collection<CallDocument>, account: string): Promise<CallsByStatus> {
  const statuses = await describing(`calls: counting the calls of account ${account} by transcript status`, () =>
    calls
      .aggregate<{ _id: TranscriptStatus | null; calls: number }>([
        { $match: { account } },
        { $group: { _id: '$transcript.status', calls: { $sum: 1 } } },
      ])
      .toArray(),
  );
  // The stub of an erased call has no transcript.
  return Object.fromEntries(
    statuses.flatMap(({ _id: status, calls: count }) => (status === null ? [] : [[status, count]])),
  );
}

const LOOKED_AT = 20;

/** Reads the newest transcripts, at the end of the index by the time they were fetched. */
export async function readabilityOf(calls: Collection<CallDocument>, account: string): Promise<Readability> {
  const newest = await describing(`calls: looking at the newest transcripts of account ${account}`, () =>
    calls
      .find(
        { account, 'transcript.status': 'available', 'transcript.fetchedAt': { $gt: new Date(0) } },
        { sort: { 'transcript.fetchedAt': -1 }, limit: LOOKED_AT },
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
