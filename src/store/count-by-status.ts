import type { Collection } from 'mongodb';
import type { TranscriptStatus } from '../domain/transcripts/transcript.js';
import type { CallDocument } from './calls/call-document.js';
import { describing } from './errors.js';

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
