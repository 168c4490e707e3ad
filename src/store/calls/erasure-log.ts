import { randomUUID } from 'node:crypto';
import type { Collection, Db } from 'mongodb';
import { type CallDocument, type ErasedCall, IS_KEPT } from './call-document.js';
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
  readonly #calls: Collection<CallDocument | ErasedCall>;

  constructor(db: Db) {
    this.#erasures = db.collection('erasures');
    this.#calls = db.collection('calls');
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

  /** Finishes every erasure that broke off, but whose calls are all erased by now. Returns their number. */
  async finishErased(finishedAt: Date): Promise<number> {
    let finished = 0;
    const open = await describing('erasures: reading those that broke off', () =>
      this.#erasures.find({ finishedAt: null }).toArray(),
    );
    for (const { _id, calls } of open) {
      const kept = await describing('calls: looking for calls that are still to be erased', () =>
        this.#calls.findOne({ _id: { $in: [...calls] }, ...IS_KEPT }, { projection: { _id: 1 } }),
      );
      if (kept !== null) continue;
      await this.finish([_id], finishedAt);
      finished += 1;
    }
    return finished;
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
