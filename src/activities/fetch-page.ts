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
    if (error instanceof SourceError) return error;
    throw error;
  }
}
