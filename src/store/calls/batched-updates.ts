import type { Collection, Document, Filter } from 'mongodb';
import type { CallDocument } from './call-document.js';
import { describing } from '../errors.js';
import { inOneAnswer } from '../one-answer.js';

/** Calls per update, which takes seconds even if their indexes are not in memory, so that no connection times out. */
const BATCH_CALLS = 5_000;

/**
 * Changes the calls found, oldest first and some thousands at a time: all of them, or `limit`. A changed call must no
 * longer be found, so that a run after a failure finds the rest. Returns their number.
 */
export async function changeInBatches({
  calls,
  wanted,
  update,
  limit = Number.POSITIVE_INFINITY,
  doing,
}: {
  calls: Collection<CallDocument>;
  wanted: Filter<CallDocument>;
  update: Document[];
  limit?: number | undefined;
  doing: string;
}): Promise<number> {
  let changed = 0;
  for (;;) {
    const size = Math.min(BATCH_CALLS, limit - changed);
    const ids = await describing(doing, () => idsOf({ calls, wanted, size }));
    if (ids.length > 0) {
      const { modifiedCount } = await describing(doing, () => calls.updateMany({ _id: { $in: ids } }, update));
      changed += modifiedCount;
    }
    if (ids.length < size || changed >= limit) return changed;
  }
}

async function idsOf(found: {
  calls: Collection<CallDocument>;
  wanted: Filter<CallDocument>;
  size: number;
}): Promise<string[]> {
  const { calls, wanted, size } = found;
  const options = { sort: { startedAt: 1 }, limit: size, ...inOneAnswer(size), projection: { _id: 1 } } as const;
  const documents = await calls.find(wanted, options).toArray();
  return documents.map(({ _id }) => _id);
}
