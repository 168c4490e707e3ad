import { closeSync, fstatSync, openSync } from 'node:fs';
import { isatty } from 'node:tty';

/** A stream that a command writes to: a terminal, a pipe or a file. */
export type OutputStream = NodeJS.WritableStream & { readonly isTTY?: boolean; columns?: number };

/** Width of a terminal that reports none. */
const ASSUMED_COLUMNS = 80;

const STANDARD_STREAMS = [0, 1, 2];

/** True if the error means that the reader has gone: the other end of a pipe has ended, or the terminal was closed. */
export function hasReaderGone({ isTTY }: { readonly isTTY?: boolean }, { code }: NodeJS.ErrnoException): boolean {
  // EIO of a file means that its disk fails.
  return code === 'EPIPE' || code === 'ECONNRESET' || (code === 'EIO' && isTTY === true);
}

/**
 * Makes a terminal of 0 columns, now or after a resize, count as one of 80. A library that divides by the width to find
 * how many lines to move up would never stop moving up.
 */
export function assumeWidth(stream: OutputStream): void {
  const correct = (): void => {
    if (stream.columns === 0) stream.columns = ASSUMED_COLUMNS;
  };
  correct();
  stream.on('resize', correct);
}

/**
 * Replaces standard streams whose terminal was closed by /dev/null. At exit, Node.js restores the state of the
 * terminals it was started on, and aborts if that fails.
 */
export function replaceClosedTerminals(): void {
  for (const descriptor of STANDARD_STREAMS.filter(isClosedTerminal)) {
    closeSync(descriptor);
    // The system takes the lowest free descriptor, which is the one just closed.
    openSync('/dev/null', 'r+');
  }
}

/** True if the descriptor is a closed terminal, and also for /dev/null, which does no harm. */
function isClosedTerminal(descriptor: number): boolean {
  try {
    return fstatSync(descriptor).isCharacterDevice() && !isatty(descriptor);
  } catch {
    return false;
  }
}
