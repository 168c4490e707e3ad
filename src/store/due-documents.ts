import type { Collection, Document, Filter } from 'mongodb';
import { describing } from './errors.js';
import { inOneAnswer } from './one-answer.js';

interface DueQuery {
  /** Name of the queue; always the same for the same `among`. */
  readonly queue: string;
  readonly among: Document;
  readonly now: Date;
  readonly limit: number;
}

/** The instant up to which a queue was read, and a width of time after it that should hold enough due documents. */
interface Reach {
  readonly untilMs: number;
  readonly sliceMs: number;
}

interface DueDocument {
  readonly _id: string;
  readonly dueAt: Date;
}

/** Lower bound of every query: without it, servers do not use a partial index of the documents that have an instant. */
export const NEVER = new Date(0);

/** Factor by which a slice grows if it did not hold enough. */
const GROWTH = 4;

/** Slices tried before one query reads all the rest, so that a short queue costs few round trips. */
const MAX_SLICES = 3;

/**
 * Finds due documents in the order they became due, at a cost that does not grow with the backlog: a query covers a
 * slice of time just wide enough, estimated from the documents found last. MongoDB stops at the limit and does not need
 * this. The stand-in reads all that the filter finds, so that there only the first query of a process reads the whole
 * backlog.
 *
 * What is remembered only saves time: a slice has no beginning, so the next query also finds a document that became due
 * in a time already read.
 */
export class DueDocuments<Doc extends Document & { _id: string }> {
  readonly #collection: Collection<Doc>;
  /** Path of the instant from which a document is due. */
  readonly #dueField: string;
  readonly #reaches = new Map<string, Reach>();

  constructor({ collection, dueField }: { collection: Collection<Doc>; dueField: string }) {
    this.#collection = collection;
    this.#dueField = dueField;
  }

  /** Returns the ids of the documents longest due: `limit` of them, or all if there are fewer. */
  async find({ now, ...query }: DueQuery): Promise<string[]> {
    const nowMs = now.getTime();
    let { untilMs, sliceMs } = this.#reaches.get(query.queue) ?? { untilMs: nowMs, sliceMs: 0 };
    for (let slice = 1; ; slice += 1) {
      untilMs = slice > MAX_SLICES ? nowMs : Math.min(untilMs + sliceMs, nowMs);
      const due = await this.#findUntil({ ...query, now: new Date(untilMs) });
      const isFull = due.length === query.limit;
      if (isFull) this.#reaches.set(query.queue, reachOf(due));
      else if (untilMs === nowMs) this.#reaches.delete(query.queue);
      if (isFull || untilMs === nowMs) return due.map(({ _id }) => _id);
      sliceMs *= GROWTH;
    }
  }

  async #findUntil({ queue, among, now, limit }: DueQuery): Promise<DueDocument[]> {
    const due = { ...among, [this.#dueField]: { $gt: NEVER, $lte: now } } as Filter<Doc>;
    return describing(`${this.#collection.collectionName}: looking for the due documents of ${queue}`, () =>
      this.#collection
        .find(due, { sort: { [this.#dueField]: 1 }, limit, ...inOneAnswer(limit) })
        .project<DueDocument>({ dueAt: `$${this.#dueField}` })
        .toArray(),
    );
  }
}

/**
 * Returns a slice wide enough for half as many documents again, so that one query is mostly enough. It uses the median
 * because a few documents due long before the others do not show how close together the next ones are.
 */
function reachOf(due: readonly DueDocument[]): Reach {
  const dueMs = due.map(({ dueAt }) => dueAt.getTime());
  const untilMs = dueMs.at(-1) ?? 0;
  const medianMs = dueMs[Math.floor(dueMs.length / 2)] ?? untilMs;
  return { untilMs, sliceMs: Math.max(1, 3 * (untilMs - medianMs)) };
}
