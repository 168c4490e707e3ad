import { randomUUID } from 'node:crypto';
import type { Collection, Db } from 'mongodb';
import { describing } from '../errors.js';

/** An erasure that an operator made, without personal data. */
export interface LoggedErasure {
  readonly at: Date;
  /** `user@host` */
  readonly by: string;
  /** Document ids of the calls. */
  readonly calls: readonly string[];
  /** Number of rejects. */
  readonly rejects: number;
  /** Null if the erasure broke off: some of the calls may still be stored. */
  readonly finishedAt: Date | null;
}

interface ErasureDocument extends LoggedErasure {
  readonly _id: string;
}

/** Most calls of one line, which then takes up to 12 MB: a document holds 16. */
const CALLS_PER_LINE = 100_000;

/** The collection `erasures`, with a line for each erasure that an operator began. */
export class ErasureLog {
  readonly #erasures: Collection<ErasureDocument>;

  constructor(db: Db) {
    this.#erasures = db.collection('erasures');
  }

  /** Notes what is about to be erased. Returns the ids of the lines, more than one only for a huge number of calls. */
  async begin(erasure: Omit<LoggedErasure, 'finishedAt'>): Promise<string[]> {
    const { calls, rejects, ...made } = erasure;
    const lines: ErasureDocument[] = [];
    for (let start = 0; start === 0 || start < calls.length; start += CALLS_PER_LINE) {
      const part = calls.slice(start, start + CALLS_PER_LINE);
      lines.push({ _id: randomUUID(), ...made, calls: part, rejects: start === 0 ? rejects : 0, finishedAt: null });
    }
    for (const line of lines) {
      await describing('erasures: noting what will be erased', () => this.#erasures.insertOne(line));
    }
    return lines.map(({ _id }) => _id);
  }

  async finish(lines: readonly string[], finishedAt: Date): Promise<void> {
    await describing('erasures: noting that an erasure is finished', () =>
      this.#erasures.updateMany({ _id: { $in: [...lines] } }, { $set: { finishedAt } }),
    );
  }

  /** Returns all erasures, newest first. */
  async list(): Promise<LoggedErasure[]> {
    return describing('erasures: reading the history', () =>
      this.#erasures
        .find({}, { sort: { at: -1 } })
        .project<LoggedErasure>({ _id: 0 })
        .toArray(),
    );
  }
}
