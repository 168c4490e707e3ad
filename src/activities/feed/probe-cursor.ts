import { requireAccount, type ActivityDependencies } from '../dependencies.js';
import type { ProbeCursorInput, ProbeCursorResult } from './drain-page-types.js';
import { askSource } from '../requests/ask-source.js';
import { unknownCursor } from './unknown-cursor.js';

/**
 * Asks the source for the transaction the live cursor names, after an empty page: it makes the difference between the
 * end of the feed and a cursor the source does not know. The answer is kept in the checkpoint. Makes one request at
 * most.
 * @throws non-retryable `UnknownCursor`
 */
export async function probeCursor(deps: ActivityDependencies, input: ProbeCursorInput): Promise<ProbeCursorResult> {
  const feed = requireAccount(deps.feeds, input.account);
  const { checkpoints } = deps.store;
  const checkpoint = await checkpoints.read(input.stream);
  if (checkpoint?.seq !== input.seq || checkpoint.cursor === null) return { outcome: 'moved' };
  const { cursor } = checkpoint;
  const answered = async (isKnown: boolean): Promise<ProbeCursorResult> => {
    const place = { stream: input.stream, seq: input.seq };
    const check = { cursor, at: deps.now(), isKnown };
    const written = isKnown
      ? await checkpoints.caughtUpAtKnownCursor({ ...place, at: new Date(input.emptyAt), check })
      : await checkpoints.cursorUnknown({ ...place, check });
    if (written === 'moved') return { outcome: 'moved' };
    if (!isKnown) throw unknownCursor({ stream: input.stream, cursor });
    return { outcome: 'caught-up', cursor };
  };
  const request = (signal: AbortSignal) => feed.client.hasTransaction({ transactionId: cursor, signal });
  return askSource({ deps, input, request }, { answered });
}
