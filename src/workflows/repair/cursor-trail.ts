import { ApplicationFailure } from '@temporalio/common';

/** How far a source was read. */
export interface CursorTrail {
  /** The last transaction id that was read; null at the oldest. */
  readonly cursor: string | null;
  /** An earlier cursor, replaced after 1, 2, 4, 8 … pages (Brent's cycle detection): a loop must pass it again. */
  readonly landmark: string | null;
}

interface ReadPage {
  /** The last transaction id of the page. */
  readonly cursor: string;
  /** Pages read, this one included. */
  readonly pages: number;
  /** What is being done, and what to do when the source goes in a circle: the ends of that message. */
  readonly doing: string;
  readonly advice: string;
}

/** @throws non-retryable `CursorRepeated` when the source goes in a circle */
export function moveOn({ cursor: last, landmark }: CursorTrail, { cursor, pages, ...said }: ReadPage): CursorTrail {
  if (cursor === landmark || cursor === last) {
    throw ApplicationFailure.nonRetryable(
      `${said.doing}: the page after ${last ?? 'the start'} ends at ${cursor}, where it has been before, so the source ` +
        `goes in a circle and going on would never end. ${said.advice}`,
      'CursorRepeated',
    );
  }
  return { cursor, landmark: Number.isInteger(Math.log2(pages)) ? cursor : landmark };
}
