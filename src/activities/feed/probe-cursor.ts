import { SourceError } from '../../sources/errors.js';
import { requireAccount, type ActivityDependencies, type FeedAccount } from '../dependencies.js';
import type { ProbeCursorInput, ProbeCursorResult } from './drain-page-types.js';
import { withHeartbeat } from '../requests/heartbeat.js';
import { activeHold, outcomeOf } from '../requests/source-trouble.js';
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
  const trouble = { deps, account: feed.name, precedingWaits: input.precedingWaits };
  const { wait, epoch } = await activeHold(trouble);
  if (wait !== null) return wait;

  return withHeartbeat(async ({ signal }) => {
    const isKnown = await askFor({ feed, cursor, signal });
    if (isKnown instanceof SourceError) return outcomeOf({ ...trouble, epoch }, isKnown);
    const place = { stream: input.stream, seq: input.seq };
    const check = { cursor, at: deps.now(), isKnown };
    const written = isKnown
      ? await checkpoints.caughtUpAtKnownCursor({ ...place, at: new Date(input.emptyAt), check })
      : await checkpoints.cursorUnknown({ ...place, check });
    if (written === 'moved') return { outcome: 'moved' };
    if (!isKnown) throw unknownCursor({ stream: input.stream, cursor });
    return { outcome: 'caught-up', cursor };
  });
}

async function askFor(input: {
  feed: FeedAccount;
  cursor: string;
  signal: AbortSignal;
}): Promise<boolean | SourceError> {
  try {
    return await input.feed.client.hasTransaction({ transactionId: input.cursor, signal: input.signal });
  } catch (error) {
    if (error instanceof SourceError) return error;
    throw error;
  }
}
