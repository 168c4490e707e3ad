import type { Collection } from 'mongodb';
import { UNKNOWN_SHAPE } from '../../domain/transcripts/transcript.js';
import type { CallDocument } from '../calls/call-document.js';
import { describing } from '../errors.js';
import type { Readability } from './transcript-types.js';

const LOOKED_AT = 20;

/** Reads the end of the index of transcripts by when they were fetched. */
export async function readabilityOf(calls: Collection<CallDocument>, account: string): Promise<Readability> {
  const newest = await describing(`calls: looking at the newest transcripts of account ${account}`, () =>
    calls
      .find(
        { account, 'transcript.status': 'available', 'transcript.fetchedAt': { $gt: new Date(0) } },
        { sort: { 'transcript.fetchedAt': -1 }, limit: LOOKED_AT, batchSize: LOOKED_AT + 1 },
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
