import type { Collection, Document, Filter } from 'mongodb';
import { describing } from './errors.js';

interface DueQuery {
  /** Names those among which the documents are looked for; always the same for the same `among`. */
  readonly queue: string;
  readonly among: Document;
  readonly now: Date;
  readonly limit: number;
}

/** How far a queue was read, and how wide a slice of time after that holds about as many due documents again. */
interface Reach {
  readonly untilMs: number;
  readonly sliceMs: number;
}

interface DueDocument {
  readonly _id: string;
  readonly dueAt: Date;
}

/** Stands in the query because a partial index of what has an instant at all is used only then. */
const NEVER = new Date(0);

/** By how much a slice grows that did not hold enough. */
const GROWTH = 4;

/** Slices asked for before the rest is, so that few due documents cost few round trips. */
const MAX_SLICES = 3;

/**
 * Finds due documents in the order they became due, at a cost that does not grow with the backlog: it asks for a
 * slice of time just wide enough, which it knows from those it found last. A server that stops at the limit does
 * without, but not every server does; there only the first query of a process reads the whole backlog.
 *
 * What is remembered only makes it fast: a slice has no beginning, so a document that became due in a time already read
 * is found by the next query.
 */
export class DueDocuments<Doc extends Document & { _id: string }> {
  readonly #collection: Collection<Doc>;
  /** The path of the instant from which on a document is due. */
  readonly #dueField: string;
  readonly #reaches = new Map<string, Reach>();

  constructor({ collection, dueField }: { collection: Collection<Doc>; dueField: string }) {
    this.#collection = collection;
    this.#dueField = dueField;
  }

  /** The ids of the documents longest due: `limit` of them, or all there are. */
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
    return describing(`${this.#collection.collectionName}: looking for what is due of ${queue}`, () =>
      this.#collection
        .find(due, { sort: { [this.#dueField]: 1 }, limit, batchSize: limit + 1 })
        .project<DueDocument>({ dueAt: `$${this.#dueField}` })
        .toArray(),
    );
  }
}

/**
 * Wide enough for one and a half times as many, so that one query is mostly enough. By the median, because a few that
 * were due long before the others say nothing about how close together the next ones are.
 */
function reachOf(due: readonly DueDocument[]): Reach {
  const dueMs = due.map(({ dueAt }) => dueAt.getTime());
  const untilMs = dueMs.at(-1) ?? 0;
  const medianMs = dueMs[Math.floor(dueMs.length / 2)] ?? untilMs;
  return { untilMs, sliceMs: Math.max(1, 3 * (untilMs - medianMs)) };
}
