import type { Collection, Document } from 'mongodb';
import type { CallDocument } from '../calls/call-document.js';
import { DueDocuments, NEVER } from '../due-documents.js';
import { describing } from '../errors.js';

/** Kind of look: for the transcript of a `fresh` or an `old` call, or for the `analysis` of a stored transcript. */
export type Lane = 'fresh' | 'analysis' | 'old';

/** The lanes in the order they are claimed. */
export const LANES: readonly Lane[] = ['fresh', 'analysis', 'old'];

const DUE_FIELD = 'transcript.nextAttemptAt';

interface DueQuery {
  readonly account: string;
  readonly lane: Lane;
  readonly now: Date;
  readonly limit: number;
}

export interface NextDueQuery extends Omit<DueQuery, 'limit'> {
  /** Later looks are not looked for. */
  readonly until: Date;
}

/** Finds due calls, in the order they became due, or the newest. */
export class DueCalls {
  readonly #calls: Collection<CallDocument>;
  readonly #due: DueDocuments<CallDocument>;

  constructor(calls: Collection<CallDocument>) {
    this.#calls = calls;
    this.#due = new DueDocuments({ collection: calls, dueField: DUE_FIELD });
  }

  /** Returns the document ids of the calls longest due: `limit` of them, or all if there are fewer. */
  async find({ account, lane, now, limit }: DueQuery): Promise<string[]> {
    return this.#due.find({ queue: `${account}/${lane}`, among: { account, ...transcriptsOf(lane) }, now, limit });
  }

  /** Returns the time of the lane's next look, `now` if one is due already; null if none is due by `until`. */
  async next({ account, lane, now, until }: NextDueQuery): Promise<Date | null> {
    const dueByThen = { account, ...transcriptsOf(lane), [DUE_FIELD]: { $gt: NEVER, $lte: until } };
    const options = { sort: { [DUE_FIELD]: 1 }, projection: { _id: 0, at: `$${DUE_FIELD}` } } as const;
    const next = await describing(`calls: looking for the next ${lane} look of account ${account}`, () =>
      this.#calls.findOne<{ at: Date }>(dueByThen, options),
    );
    if (next === null) return null;
    return next.at > now ? next.at : now;
  }

  /** Returns the document id of the due call that started last; none if no call is due. */
  async newest({ account, lane, now }: Omit<DueQuery, 'limit'>): Promise<string[]> {
    const due = { account, ...transcriptsOf(lane), [DUE_FIELD]: { $lte: now } };
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
