import { createReadStream } from 'node:fs';
import { createInterface } from 'node:readline';
import { UsageError } from '../../settings/errors.js';

/** As the ids of calls: what the API takes has no documented form. */
const ID = /^[^\p{Cc}\s]{1,200}$/u;

/**
 * The ids given as arguments, then those of a file, one a line and `-` for standard input; blank lines are left out.
 * One line at a time is in memory.
 *
 * @throws UsageError for a text that cannot be an id, and for a file that cannot be read
 */
export async function* invoiceIds({
  ids,
  file,
}: {
  ids: readonly string[];
  file: string | undefined;
}): AsyncGenerator<string, void> {
  for (const id of ids) yield checked(id, 'an invoice id');
  if (file === undefined) return;
  let line = 0;
  const input = file === '-' ? process.stdin : createReadStream(file, 'utf8');
  try {
    for await (const text of createInterface({ input, crlfDelay: Infinity })) {
      line += 1;
      const id = text.trim();
      if (id !== '') yield checked(id, `line ${line} of ${file}`);
    }
  } catch (error) {
    if (error instanceof Error && 'syscall' in error) throw new UsageError(`cannot read --file: ${error.message}`);
    throw error;
  }
}

function checked(id: string, where: string): string {
  if (ID.test(id)) return id;
  throw new UsageError(`${where} must be 1 to 200 characters without spaces or control characters`);
}
