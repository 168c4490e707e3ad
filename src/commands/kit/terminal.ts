import { closeSync, fstatSync, openSync } from 'node:fs';
import { isatty } from 'node:tty';

/** Where a command writes to: a terminal, a pipe or a file. */
export type OutputStream = NodeJS.WritableStream & { readonly isTTY?: boolean; columns?: number };

/** For terminals that do not know how wide they are. */
const ASSUMED_COLUMNS = 80;

const STANDARD_STREAMS = [0, 1, 2];

/** Whether nobody reads the stream any more: a pipe's reader has ended, or the terminal was closed. */
export function hasReaderGone({ isTTY }: { readonly isTTY?: boolean }, { code }: NodeJS.ErrnoException): boolean {
  // A file fails with EIO too, when its disk does.
  return code === 'EPIPE' || code === 'ECONNRESET' || (code === 'EIO' && isTTY === true);
}

/**
 * Has a terminal of 0 columns, now or after a change of its size, count as one of 80. Whoever divides by its width to
 * know how many lines to go up would go up for ever.
 */
export function assumeWidth(stream: OutputStream): void {
  const correct = (): void => {
    if (stream.columns === 0) stream.columns = ASSUMED_COLUMNS;
  };
  correct();
  stream.on('resize', correct);
}

/**
 * Puts /dev/null in the place of standard streams whose terminal was closed. At its end Node.js sets the terminals it
 * was started on back to how it found them, and aborts when one refuses that.
 */
export function replaceClosedTerminals(): void {
  for (const descriptor of STANDARD_STREAMS.filter(isClosedTerminal)) {
    closeSync(descriptor);
    // The lowest free descriptor is taken, which is the one just closed.
    openSync('/dev/null', 'r+');
  }
}

/** Also true of /dev/null itself, which does no harm. */
function isClosedTerminal(descriptor: number): boolean {
  try {
    return fstatSync(descriptor).isCharacterDevice() && !isatty(descriptor);
  } catch {
    return false;
  }
}
