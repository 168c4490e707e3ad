import type { Collection, Filter } from 'mongodb';
import type { CallDocument } from './call-document.js';
import { describing } from './errors.js';

/** The transcript of a fresh or an old call; or the analysis of a transcript that is held. */
export type Lane = 'fresh' | 'analysis' | 'old';

interface DueQuery {
  readonly account: string;
  readonly lane: Lane;
  readonly now: Date;
  readonly limit: number;
}

/** How far a lane was read, and how wide a slice of time after that holds about as many due calls again. */
interface Reach {
  readonly untilMs: number;
  readonly sliceMs: number;
}

type DueCall = Pick<CallDocument, '_id'> & { readonly transcript: { readonly nextAttemptAt: Date } };

/** By how much a slice grows that did not hold enough. */
const GROWTH = 4;

/**
 * Finds due calls in the order they became due, at a cost that does not grow with the backlog: it asks for a slice of
 * time just wide enough, which it knows from the calls it found last. A server that stops at the limit does without, but
 * not every server does; there only the first query of a process reads the whole backlog.
 *
 * What is remembered only makes it fast: a slice has no beginning, so a call that became due in a time already read is
 * found by the next query.
 */
export class DueCalls {
  readonly #calls: Collection<CallDocument>;
  readonly #reaches = new Map<string, Reach>();

  constructor(calls: Collection<CallDocument>) {
    this.#calls = calls;
  }

  /** The document ids of the calls longest due: `limit` of them, or all there are. */
  async find({ now, ...query }: DueQuery): Promise<string[]> {
    const lane = `${query.account}/${query.lane}`;
    const nowMs = now.getTime();
    let { untilMs, sliceMs } = this.#reaches.get(lane) ?? { untilMs: nowMs, sliceMs: 0 };
    for (;;) {
      untilMs = Math.min(untilMs + sliceMs, nowMs);
      const due = await this.#findUntil({ ...query, now: new Date(untilMs) });
      const isFull = due.length === query.limit;
      if (isFull) this.#reaches.set(lane, reachOf(due));
      else if (untilMs === nowMs) this.#reaches.delete(lane);
      if (isFull || untilMs === nowMs) return due.map(({ _id }) => _id);
      sliceMs *= GROWTH;
    }
  }

  async #findUntil({ account, lane, now, limit }: DueQuery): Promise<DueCall[]> {
    const isDue = lane === 'analysis' ? isAnalysisDue({ account, now }) : isTranscriptDue({ account, lane, now });
    return describing(`calls: looking for due transcripts of account ${account}`, () =>
      this.#calls
        .find(isDue, { sort: { 'transcript.nextAttemptAt': 1 }, limit, batchSize: limit + 1 })
        .project<DueCall>({ 'transcript.nextAttemptAt': 1 })
        .toArray(),
    );
  }
}

function isTranscriptDue({ account, lane, now }: Pick<DueQuery, 'account' | 'lane' | 'now'>): Filter<CallDocument> {
  return {
    account,
    'transcript.status': 'pending',
    'transcript.lane': lane,
    'transcript.nextAttemptAt': { $lte: now },
  };
}

/** A transcript that is held has a next look only for its analysis. */
function isAnalysisDue({ account, now }: Pick<DueQuery, 'account' | 'now'>): Filter<CallDocument> {
  return {
    account,
    'transcript.status': 'available',
    'transcript.nextAttemptAt': { $gt: new Date(0), $lte: now },
  };
}

/**
 * Wide enough for one and a half times as many calls, so that one query is mostly enough. By the median, because a few calls that
 * were due long before the others say nothing about how close together the next ones are.
 */
function reachOf(due: readonly DueCall[]): Reach {
  const dueMs = due.map(({ transcript }) => transcript.nextAttemptAt.getTime());
  const untilMs = dueMs.at(-1) ?? 0;
  const medianMs = dueMs[Math.floor(dueMs.length / 2)] ?? untilMs;
  return { untilMs, sliceMs: Math.max(1, 3 * (untilMs - medianMs)) };
}
