import { createInterface } from 'node:readline/promises';
import { harmlessText } from '../../process/harmless-text.js';
import { UsageError } from '../../settings/errors.js';

/**
 * Whether to go on, as a person at the terminal says; true where `--yes` was said.
 * @throws UsageError where nobody can be asked
 */
export async function confirm({ what, isConfirmed }: { what: string; isConfirmed: boolean }): Promise<boolean> {
  if (isConfirmed) return true;
  if (!process.stdin.isTTY || !process.stderr.isTTY) throw new UsageError(`${what}: say --yes if that is meant`);
  const terminal = createInterface({ input: process.stdin, output: process.stderr });
  try {
    const answer = await terminal.question(`${harmlessText(what)}. Go on? (y/N) `);
    return /^y(es)?$/i.test(answer.trim());
  } finally {
    terminal.close();
  }
}
