import { activityInfo } from '@temporalio/activity';
import { ApplicationFailure } from '@temporalio/common';
import { SourceError } from '../../sources/errors.js';
import type { PageRequest } from '../../sources/invoca/client.js';
import type { TransactionPage } from '../../sources/transaction-page.js';
import type { FeedAccount } from '../dependencies.js';

/** Attempts at an answer that breaks off, before it is taken for what the source has to say. */
const ATTEMPTS_TO_BE_WHOLE = 3;

type PageAccount = Pick<FeedAccount, 'name' | 'client' | 'pageLimit'>;

/**
 * Makes one request for a page. One that breaks off three times is the error `cut-off` while fewer rows can be asked
 * for; a single row is taken as far as it goes.
 *
 * @throws SourceError
 * @throws a retryable failure where a page breaks off for the first or second time
 * @throws non-retryable `PageWithoutIds` where no id can be found in what there is of a single row
 */
export async function fetchPage(account: PageAccount, request: PageRequest): Promise<TransactionPage> {
  const page = await askForPage(account, request);
  if (page.isWhole) return page;
  const { limit } = request;
  // Once fewer rows are asked for, what matters is how few it takes, and only the last page must be given all its
  // chances.
  if (limit >= account.pageLimit || limit === 1) retryWhatBreaksOff(placeOf(account, request));
  if (limit > 1) throw cutOff(placeOf(account, request));
  if (page.lastTransactionId === null) throw withoutIds(placeOf(account, request));
  return page;
}

/**
 * As {@link fetchPage}, for those who want to see some rows and not all of them: a page that breaks off three times
 * is what can be read of it, however many rows were asked for.
 */
export async function fetchSomeRows(account: PageAccount, request: PageRequest): Promise<TransactionPage> {
  const page = await askForPage(account, request);
  if (!page.isWhole) retryWhatBreaksOff(placeOf(account, request));
  return page;
}

/** @throws a retryable failure unless this was the third attempt */
export function retryWhatBreaksOff(what: string): void {
  if (activityInfo().attempt >= ATTEMPTS_TO_BE_WHOLE) return;
  throw ApplicationFailure.retryable(`Reading ${what}: the answer breaks off.`, 'Unavailable');
}

async function askForPage({ client }: PageAccount, request: PageRequest): Promise<TransactionPage> {
  try {
    return await client.fetchPage(request);
  } catch (error) {
    if (error instanceof SourceError) throw withCursorAdvice(error, request);
    throw error;
  }
}

/** Names a page by the account and the row it comes after. */
function placeOf({ name }: PageAccount, { cursor, days, limit }: PageRequest): string {
  const range = days === null ? '' : ` from ${days.from} to ${days.to}`;
  return `${limit} rows of ${name}${range} after ${cursor ?? 'the start'}`;
}

function cutOff(place: string): SourceError {
  return new SourceError(`Reading ${place}: the answer breaks off. Ask for less.`, { kind: 'cut-off', status: 200 });
}

function withoutIds(place: string): ApplicationFailure {
  return ApplicationFailure.nonRetryable(
    `Reading ${place}: the answer breaks off, and what there is of it has no transaction_id, so there is no way to go on ` +
      'behind it. Nothing of it was written. Ask the vendor about the row that follows; `callweave cursor set` takes the ' +
      'drain past it.',
    'PageWithoutIds',
  );
}

/**
 * What the source says to a cursor it does not know is documented nowhere, and these are what it says to wrong
 * arguments.
 */
function withCursorAdvice(error: SourceError, { cursor, days, only }: PageRequest): SourceError {
  const isLiveCursor = cursor !== null && days === null && only === undefined;
  if (!isLiveCursor || (error.status !== 403 && error.status !== 404)) return error;
  const { kind, status, message } = error;
  const advice = `If these are right, it may not know the cursor ${cursor}: move it back with \`callweave cursor rewind\`.`;
  return new SourceError(`${message} ${advice}`, { kind, status });
}
