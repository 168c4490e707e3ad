import { createInterface } from 'node:readline';
import { harmlessText } from '../../process/harmless-text.js';
import { UsageError } from '../../settings/errors.js';

interface Confirmation {
  /** Sentence about what will happen, without its full stop. */
  readonly what: string;
  /** True if `--yes` was given. */
  readonly isConfirmed: boolean;
  /** Streams of the terminal; by default those of the process. */
  readonly input?: NodeJS.ReadableStream & { readonly isTTY?: boolean };
  readonly output?: NodeJS.WritableStream & { readonly isTTY?: boolean };
}

/**
 * Asks at the terminal whether to continue; true without a question if `--yes` was given. Ctrl-C and Ctrl-D mean no.
 * @throws UsageError if there is no terminal
 */
export async function confirm({
  what,
  isConfirmed,
  input = process.stdin,
  output = process.stderr,
}: Confirmation): Promise<boolean> {
  if (isConfirmed) return true;
  if (input.isTTY !== true || output.isTTY !== true)
    throw new UsageError(`${what}: there is no terminal to ask for confirmation; add --yes to confirm`);
  const terminal = createInterface({ input, output });
  try {
    const answer = await new Promise<string | null>((resolve) => {
      // Without a listener, Ctrl-C would leave the question open, and the process would end in the middle of it.
      terminal.once('SIGINT', () => resolve(null)).once('close', () => resolve(null));
      terminal.question(`${harmlessText(what)}. Continue? (y/N) `, resolve);
    });
    if (answer === null) output.write('\n');
    return answer !== null && /^y(es)?$/i.test(answer.trim());
  } finally {
    terminal.close();
  }
}
