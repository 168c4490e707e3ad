import { ApplicationFailure } from '@temporalio/common';
import type { Checkpoint } from '../../store/feed/checkpoint-types.js';

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

export function unknownCursor({ stream, cursor }: { stream: string; cursor: string }): ApplicationFailure {
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
