import { ApplicationFailure } from '@temporalio/common';

/** Place up to which a source was read. */
export interface CursorTrail {
  /** Last transaction id that was read; null before the oldest row. */
  readonly cursor: string | null;
  /** An earlier cursor, replaced after 1, 2, 4, 8 … pages (Brent's cycle detection): a loop must pass it again. */
  readonly landmark: string | null;
}

interface ReadPage {
  /** The last transaction id of the page. */
  readonly cursor: string;
  /** Pages read, this one included. */
  readonly pages: number;
  /** Beginning of the error message: what is being done. */
  readonly doing: string;
  /** End of the error message: what to do about it. */
  readonly advice: string;
}

/** Moves on to the cursor of a page. @throws non-retryable `CursorRepeated` if the source repeats its pages */
export function moveOn({ cursor: last, landmark }: CursorTrail, { cursor, pages, ...said }: ReadPage): CursorTrail {
  if (cursor === landmark || cursor === last) {
    throw ApplicationFailure.nonRetryable(
      `${said.doing}: the page after ${last ?? 'the start'} ends at ${cursor}, which was already passed. The source ` +
        `repeats its pages, so reading on would never end. ${said.advice}`,
      'CursorRepeated',
    );
  }
  return { cursor, landmark: Number.isInteger(Math.log2(pages)) ? cursor : landmark };
}
