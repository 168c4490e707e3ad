import { createInterface } from 'node:readline/promises';
import { harmlessText } from '../../process/harmless-text.js';
import { UsageError } from '../../settings/errors.js';

/**
 * Asks at the terminal whether to continue; true without a question if `--yes` was given.
 * @throws UsageError if there is no terminal
 */
export async function confirm({ what, isConfirmed }: { what: string; isConfirmed: boolean }): Promise<boolean> {
  if (isConfirmed) return true;
  if (!process.stdin.isTTY || !process.stderr.isTTY)
    throw new UsageError(`${what}: there is no terminal to ask for confirmation; add --yes to confirm`);
  const terminal = createInterface({ input: process.stdin, output: process.stderr });
  try {
    const answer = await terminal.question(`${harmlessText(what)}. Continue? (y/N) `);
    return /^y(es)?$/i.test(answer.trim());
  } finally {
    terminal.close();
  }
}
