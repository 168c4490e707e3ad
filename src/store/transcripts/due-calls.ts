import type { Collection, Document } from 'mongodb';
import type { CallDocument } from '../calls/call-document.js';
import { DueDocuments } from '../due-documents.js';
import { describing } from '../errors.js';

/** Kind of look: for the transcript of a `fresh` or an `old` call, or for the `analysis` of a stored transcript. */
export type Lane = 'fresh' | 'analysis' | 'old';

/** The lanes in the order they are claimed. */
export const LANES: readonly Lane[] = ['fresh', 'analysis', 'old'];

interface DueQuery {
  readonly account: string;
  readonly lane: Lane;
  readonly now: Date;
  readonly limit: number;
}

/** Finds due calls, in the order they became due, or the newest. */
export class DueCalls {
  readonly #calls: Collection<CallDocument>;
  readonly #due: DueDocuments<CallDocument>;

  constructor(calls: Collection<CallDocument>) {
    this.#calls = calls;
    this.#due = new DueDocuments({ collection: calls, dueField: 'transcript.nextAttemptAt' });
  }

  /** Returns the document ids of the calls longest due: `limit` of them, or all if there are fewer. */
  async find({ account, lane, now, limit }: DueQuery): Promise<string[]> {
    return this.#due.find({ queue: `${account}/${lane}`, among: { account, ...transcriptsOf(lane) }, now, limit });
  }

  /** Returns the document id of the due call that started last; none if no call is due. */
  async newest({ account, lane, now }: Omit<DueQuery, 'limit'>): Promise<string[]> {
    const due = { account, ...transcriptsOf(lane), 'transcript.nextAttemptAt': { $lte: now } };
    const newest = await describing(`calls: looking for the newest due ${lane} call of account ${account}`, () =>
      this.#calls.findOne(due, { sort: { startedAt: -1 }, projection: { _id: 1 } }),
    );
    return newest === null ? [] : [newest._id];
  }
}

/** Returns the filter of a lane. A stored transcript has a next look only for its analysis. */
function transcriptsOf(lane: Lane): Document {
  return lane === 'analysis'
    ? { 'transcript.status': 'available' }
    : { 'transcript.status': 'pending', 'transcript.lane': lane };
}
