import { ApplicationFailure } from '@temporalio/common';
import { requireAccount, type ActivityDependencies } from '../dependencies.js';
import { askSource, type AskInput } from '../requests/ask-source.js';
import type { WaitResult } from '../requests/account-hold.js';
import type { Checkpoint } from '../../store/feed/checkpoint-types.js';

/** Of a live stream whose page was empty at an instant. */
export interface ProbeCursorInput extends AskInput {
  readonly stream: string;
  readonly seq: number;
  readonly emptyAt: string;
}

/** The page was the end of the feed (`caught-up`), or somebody else drains this stream (`moved`). */
export type ProbeCursorResult =
  { readonly outcome: 'caught-up'; readonly cursor: string } | { readonly outcome: 'moved' } | WaitResult;

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

/** How long a cursor counts as known to the source after the source gave it or confirmed it. */
const KNOWN_FOR_MS = 60 * 60_000;

type Position = Pick<Checkpoint, 'stream' | 'cursor' | 'receipt' | 'cursorCheck'>;

/**
 * Whether an empty page behind the cursor may mean that the source does not know the cursor. An hour long it does not,
 * after a page that ended at this cursor and after a probe for it.
 * @throws non-retryable `UnknownCursor` in the hour after a probe that found the source does not know it
 */
export function isCursorDoubtful({ stream, cursor, receipt, cursorCheck }: Position, now: Date): boolean {
  if (cursor === null || isRecent(receipt?.at, now)) return false;
  if (cursorCheck?.cursor !== cursor || !isRecent(cursorCheck.at, now)) return true;
  if (!cursorCheck.isKnown) throw unknownCursor({ stream, cursor });
  return false;
}

function unknownCursor({ stream, cursor }: { stream: string; cursor: string }): ApplicationFailure {
  return ApplicationFailure.nonRetryable(
    `Draining ${stream}: the source shows nothing behind the cursor ${cursor}, and does not know this transaction either, so ` +
      'that is not the end of the feed. Nothing is lost. Check that the account still has the scope and id it had; then ' +
      'move the cursor back to one the source knows, as `callweave cursor rewind --to` a day or two ago.',
    'UnknownCursor',
  );
}

function isRecent(at: Date | undefined, now: Date): boolean {
  return at !== undefined && now.getTime() - at.getTime() < KNOWN_FOR_MS;
}
