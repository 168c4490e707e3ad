import { once } from 'node:events';
import { clearScreenDown, cursorTo } from 'node:readline';
import { setImmediate } from 'node:timers/promises';
import Table from 'cli-table3';
import ora, { type Ora } from 'ora';
import { harmlessJson, harmlessLine, harmlessText } from '../../process/harmless-text.js';
import { jsonWithoutSecrets, withoutSecrets } from '../../process/secrets.js';
import { assumeWidth, hasReaderGone, type OutputStream } from './terminal.js';

/** A line that says how far something is. */
interface Progress {
  readonly update: (text: string) => void;
  /** Ends it; `text` stays behind as the last line. */
  readonly end: (text?: string) => void;
}

/**
 * The one way results and remarks leave a command. None holds a secret. Text may hold what others have written,
 * control characters included: it is made harmless here. JSON says what it said before; pieces are data alone and
 * written as they are, unless to a terminal.
 */
export interface Output {
  /** A result, on stdout. */
  readonly print: (text: string) => void;
  /** A result for a program, on stdout. */
  readonly printJson: (value: unknown) => void;
  /** A result, on stdout. */
  readonly printTable: (table: { head: readonly string[]; rows: readonly (readonly string[])[] }) => void;
  /**
   * A result too long for memory, on stdout: the next piece is asked for when there is room for it. Ends early
   * where the reader has gone.
   */
  readonly printPieces: (pieces: AsyncIterable<string>) => Promise<void>;
  /** Whether stdout is a terminal, whose lines can be replaced. */
  readonly isScreen: boolean;
  /** On a terminal, what is printed next takes the place of everything above. */
  readonly clearScreen: () => void;
  /** A remark for the person at the terminal, on stderr. */
  readonly note: (text: string) => void;
  /** As note, for something that is probably not meant so. */
  readonly warn: (text: string) => void;
  /** On stderr: one line that changes on a terminal, else a plain line now and then. */
  readonly progress: () => Progress;
  /** Aborts when the reader of stdout has gone (`callweave … | head`), or it takes nothing more: the rest is lost. */
  readonly closed: AbortSignal;
  /**
   * Waits until it is known whether the results could be written.
   * @throws an error that says why one could not be written
   */
  readonly written: () => Promise<void>;
}

const PLAIN_LINE_EVERY_MS = 10_000;

export function createOutput({
  stdout,
  stderr,
  now = Date.now,
}: {
  stdout: OutputStream;
  stderr: OutputStream;
  now?: () => number;
}): Output {
  const closing = new AbortController();
  let failure: Error | null = null;
  stdout.on('error', (error: NodeJS.ErrnoException) => {
    if (!hasReaderGone(stdout, error)) failure ??= new Error(`cannot write the result to stdout: ${error.message}`);
    closing.abort();
  });
  // A remark that cannot be written is lost, and no reason to lose the result as well.
  stderr.on('error', () => undefined);
  for (const stream of [stdout, stderr]) assumeWidth(stream);
  const note = (text: string): void => void stderr.write(`${harmlessText(withoutSecrets(text))}\n`);
  const print = (text: string): void => void stdout.write(`${harmlessText(withoutSecrets(text))}\n`);
  return {
    print,
    printJson: (value) => void stdout.write(`${harmlessJson(jsonWithoutSecrets(value, 2))}\n`),
    printTable: (table) => print(renderTable(table)),
    printPieces: (pieces) => writePieces({ stdout, pieces, closed: closing.signal }),
    isScreen: stdout.isTTY === true,
    clearScreen: () => {
      if (stdout.isTTY !== true) return;
      cursorTo(stdout, 0, 0);
      clearScreenDown(stdout);
    },
    note,
    warn: (text) => note(`warning: ${text}`),
    progress: () => {
      const line = ora({ stream: stderr, discardStdin: false });
      return line.isEnabled ? spinner(line) : plainLines({ note, now });
    },
    closed: closing.signal,
    written: async () => {
      // Writing is synchronous; a stream tells of its error a moment later.
      await setImmediate();
      if (failure !== null) throw failure;
    },
  };
}

async function writePieces({
  stdout,
  pieces,
  closed,
}: {
  stdout: OutputStream;
  pieces: AsyncIterable<string>;
  closed: AbortSignal;
}): Promise<void> {
  for await (const piece of pieces) {
    if (closed.aborted) return;
    if (stdout.write(stdout.isTTY === true ? harmlessText(piece) : piece)) continue;
    // Whichever comes first; a stream that fails does not drain any more.
    await once(stdout, 'drain', { signal: closed }).catch((error: unknown) => {
      if (!closed.aborted) throw error;
    });
  }
}

function renderTable({ head, rows }: { head: readonly string[]; rows: readonly (readonly string[])[] }): string {
  const table = new Table({
    head: [...head],
    style: { head: [], border: [], 'padding-left': 0, 'padding-right': 2 },
    chars: NO_LINES,
  });
  table.push(...rows.map((row) => row.map(harmlessLine)));
  return table
    .toString()
    .split('\n')
    .map((line) => line.trimEnd())
    .join('\n');
}

const NO_LINES = {
  top: '',
  'top-mid': '',
  'top-left': '',
  'top-right': '',
  bottom: '',
  'bottom-mid': '',
  'bottom-left': '',
  'bottom-right': '',
  left: '',
  'left-mid': '',
  mid: '',
  'mid-mid': '',
  right: '',
  'right-mid': '',
  middle: '',
};

function spinner(line: Ora): Progress {
  return {
    update: (text) => {
      line.text = harmlessLine(withoutSecrets(text));
      if (!line.isSpinning) line.start();
    },
    end: (text) => {
      if (text === undefined) line.stop();
      else line.succeed(harmlessLine(withoutSecrets(text)));
    },
  };
}

function plainLines({ note, now }: { note: (text: string) => void; now: () => number }): Progress {
  let lastAtMs = -Infinity;
  let lastText = '';
  const write = (text: string): void => {
    if (text !== lastText) note(text);
    lastText = text;
    lastAtMs = now();
  };
  return {
    update: (text) => {
      if (now() - lastAtMs >= PLAIN_LINE_EVERY_MS) write(text);
    },
    end: (text) => {
      if (text !== undefined) write(text);
    },
  };
}
