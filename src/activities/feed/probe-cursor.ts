import { ApplicationFailure } from '@temporalio/common';
import { requireAccount, type ActivityDependencies } from '../dependencies.js';
import { askSource, type AskInput } from '../requests/ask-source.js';
import type { WaitResult } from '../requests/account-hold.js';
import type { Checkpoint } from '../../store/feed/checkpoint-types.js';

/** Asks about the cursor of a live stream whose page was empty at the instant `emptyAt`. */
export interface ProbeCursorInput extends AskInput {
  readonly stream: string;
  readonly seq: number;
  readonly emptyAt: string;
}

/** `caught-up`: the empty page was the end of the feed. `moved`: another drain or an operator moved the checkpoint. */
export type ProbeCursorResult =
  { readonly outcome: 'caught-up'; readonly cursor: string } | { readonly outcome: 'moved' } | WaitResult;

/**
 * Asks the source for the transaction at the live cursor, after an empty page: only so can the end of the feed be told
 * from a cursor the source does not know. Stores the answer in the checkpoint. Makes one request at most.
 * @throws non-retryable `UnknownCursor` if the source does not know the transaction
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

/** Time for which a cursor counts as known after the source returned or confirmed it. */
const KNOWN_FOR_MS = 60 * 60_000;

type Position = Pick<Checkpoint, 'stream' | 'cursor' | 'receipt' | 'cursorCheck'>;

/**
 * True if an empty page after the cursor may mean that the source does not know the cursor. False for an hour after a
 * page that ended at this cursor, and for an hour after a probe that confirmed it.
 * @throws non-retryable `UnknownCursor` for an hour after a probe that found the cursor unknown
 */
export function isCursorDoubtful({ stream, cursor, receipt, cursorCheck }: Position, now: Date): boolean {
  if (cursor === null || isRecent(receipt?.at, now)) return false;
  if (cursorCheck?.cursor !== cursor || !isRecent(cursorCheck.at, now)) return true;
  if (!cursorCheck.isKnown) throw unknownCursor({ stream, cursor });
  return false;
}

function unknownCursor({ stream, cursor }: { stream: string; cursor: string }): ApplicationFailure {
  return ApplicationFailure.nonRetryable(
    `Draining ${stream}: the source returns no rows after the cursor ${cursor} and does not know that transaction, so ` +
      'this is not the end of the feed. Nothing is lost. Check that the scope and id of the account have not changed; then ' +
      'move the cursor back to a transaction the source knows, with `callweave cursor rewind --to` a day or two ago.',
    'UnknownCursor',
  );
}

function isRecent(at: Date | undefined, now: Date): boolean {
  return at !== undefined && now.getTime() - at.getTime() < KNOWN_FOR_MS;
}
