import { SourceError } from '../sources/errors.js';
import type { PageRequest } from '../sources/invoca/client.js';
import type { TransactionPage } from '../sources/transaction-page.js';
import type { FeedAccount } from './dependencies.js';

/** One request for a page; an error of the source is an answer too, anything else is thrown. */
export async function fetchPage(
  { client }: Pick<FeedAccount, 'client'>,
  request: PageRequest,
): Promise<TransactionPage | SourceError> {
  try {
    return await client.fetchPage(request);
  } catch (error) {
    if (error instanceof SourceError) return withCursorAdvice(error, request);
    throw error;
  }
}

/** What the source says to a cursor it does not know is documented nowhere, and these are what it says to wrong arguments. */
function withCursorAdvice(error: SourceError, { cursor, window, only }: PageRequest): SourceError {
  const isLiveCursor = cursor !== null && window === null && only === undefined;
  if (!isLiveCursor || (error.status !== 403 && error.status !== 404)) return error;
  const { kind, status, message } = error;
  const advice = `If these are right, it may not know the cursor ${cursor}: move it back with \`callweave cursor rewind\`.`;
  return new SourceError(`${message} ${advice}`, { kind, status });
}
