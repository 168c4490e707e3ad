import { once } from 'node:events';
import { clearScreenDown, cursorTo } from 'node:readline';
import { setImmediate } from 'node:timers/promises';
import CliTable from 'cli-table3';
import ora, { type Ora } from 'ora';
import { harmlessJson, harmlessLine, harmlessText } from '../../process/harmless-text.js';
import { jsonWithoutSecrets, withoutSecrets } from '../../process/secrets.js';
import { assumeWidth, hasReaderGone, type OutputStream } from './terminal.js';

/** A line that shows the progress of something. */
interface Progress {
  readonly update: (text: string) => void;
  /** Ends the line; `text`, if given, stays as the last line. */
  readonly end: (text?: string) => void;
}

interface Table {
  readonly head: readonly string[];
  readonly rows: readonly (readonly string[])[];
  /** One for each column; to the left if left out. */
  readonly aligned?: readonly ('left' | 'right')[];
}

/**
 * The only way by which results and remarks leave a command. Secrets are redacted. Text may contain what other people
 * have written, with control characters: it is escaped here. JSON keeps its meaning. Pieces are data only, and are
 * escaped only on a terminal.
 */
export interface Output {
  /** Writes a result to stdout. */
  readonly print: (text: string) => void;
  /** Writes a result for a program to stdout. */
  readonly printJson: (value: unknown) => void;
  /** Writes a result to stdout as a table. */
  readonly printTable: (table: Table) => void;
  /**
   * Writes a result that is too long for memory to stdout: the next piece is read when there is room for it. Ends early
   * if the reader has gone. Returns true if the system has taken all of it.
   */
  readonly printPieces: (pieces: AsyncIterable<string> | Iterable<string>) => Promise<boolean>;
  /** True if stdout is a terminal, whose lines can be replaced. */
  readonly isScreen: boolean;
  /** Clears the terminal, so that the next output replaces everything above; does nothing otherwise. */
  readonly clearScreen: () => void;
  /** Writes a remark for the operator to stderr. */
  readonly note: (text: string) => void;
  /** Writes a remark about something that is probably a mistake to stderr. */
  readonly warn: (text: string) => void;
  /** Starts a line on stderr: it changes in place on a terminal; otherwise a plain line follows every 10 seconds. */
  readonly progress: () => Progress;
  /** Aborts when the reader of stdout has gone (`callweave … | head`) or stdout fails: the rest is lost. */
  readonly closed: AbortSignal;
  /**
   * Waits until it is known whether all results were written.
   * @throws an error with the reason if one could not be written
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
  // A remark that cannot be written is lost; the result should not be lost with it.
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
      // Writing is synchronous; a stream emits its error a moment later.
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
  pieces: AsyncIterable<string> | Iterable<string>;
  closed: AbortSignal;
}): Promise<boolean> {
  for await (const piece of pieces) {
    if (closed.aborted) return false;
    if (stdout.write(stdout.isTTY === true ? harmlessText(piece) : piece)) continue;
    // Wait for the first of both: a stream that fails never emits `drain`.
    await once(stdout, 'drain', { signal: closed }).catch((error: unknown) => {
      if (!closed.aborted) throw error;
    });
  }
  return isTaken(stdout, closed);
}

/** Waits until the system has taken all that was written; false if it will not. */
async function isTaken(stdout: OutputStream, closed: AbortSignal): Promise<boolean> {
  const taken = await new Promise<boolean>((resolve) => {
    stdout.write('', (error) => resolve(error === undefined || error === null));
    closed.addEventListener('abort', () => resolve(false), { once: true });
  });
  // A stream emits its error a moment later.
  await setImmediate();
  return taken && !closed.aborted;
}

function renderTable({ head, rows, aligned }: Table): string {
  const table = new CliTable({
    head: [...head],
    ...(aligned !== undefined && { colAligns: [...aligned] }),
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
