import type { Collection, Document } from 'mongodb';
import type { CallDocument } from './call-document.js';
import { DueDocuments } from './due-documents.js';

/** The transcript of a fresh or an old call; or the analysis of a transcript that is held. */
export type Lane = 'fresh' | 'analysis' | 'old';

interface DueQuery {
  readonly account: string;
  readonly lane: Lane;
  readonly now: Date;
  readonly limit: number;
}

/** Finds due calls in the order they became due. */
export class DueCalls {
  readonly #due: DueDocuments<CallDocument>;

  constructor(calls: Collection<CallDocument>) {
    this.#due = new DueDocuments({ collection: calls, dueField: 'transcript.nextAttemptAt' });
  }

  /** The document ids of the calls longest due: `limit` of them, or all there are. */
  async find({ account, lane, now, limit }: DueQuery): Promise<string[]> {
    return this.#due.find({ queue: `${account}/${lane}`, among: { account, ...transcriptsOf(lane) }, now, limit });
  }
}

/** A transcript that is held has a next look only for its analysis. */
function transcriptsOf(lane: Lane): Document {
  return lane === 'analysis'
    ? { 'transcript.status': 'available' }
    : { 'transcript.status': 'pending', 'transcript.lane': lane };
}
