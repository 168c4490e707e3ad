import { activityInfo } from '@temporalio/activity';
import { ApplicationFailure } from '@temporalio/common';
import { SourceError } from '../../sources/errors.js';
import type { PageRequest } from '../../sources/invoca/client.js';
import type { TransactionPage } from '../../sources/transaction-page.js';
import type { FeedAccount } from '../dependencies.js';

/** Attempts to get a whole answer before one that breaks off is accepted. */
const ATTEMPTS_TO_BE_WHOLE = 3;

type PageAccount = Pick<FeedAccount, 'name' | 'client' | 'pageLimit'>;

/**
 * Makes one request for a page. A single row that breaks off three times is returned as far as it goes.
 *
 * @throws SourceError, of kind `cut-off` if a page of several rows breaks off three times, or once with a lowered limit
 * @throws a retryable `Unavailable` if a page breaks off for the first or second time
 * @throws non-retryable `PageWithoutIds` if the readable part of a single row has no id
 */
export async function fetchPage(account: PageAccount, request: PageRequest): Promise<TransactionPage> {
  const page = await askForPage(account, request);
  if (page.isWhole) return page;
  const { limit } = request;
  // Below the account's limit a page that breaks off is halved at once; only a single row gets all attempts.
  if (limit >= account.pageLimit || limit === 1) retryWhatBreaksOff(placeOf(account, request));
  if (limit > 1) throw cutOff(placeOf(account, request));
  if (page.lastTransactionId === null) throw withoutIds(placeOf(account, request));
  return page;
}

/**
 * Makes one request for some rows of a page, not necessarily all: a page that breaks off three times is returned as far
 * as it goes.
 * @throws SourceError
 * @throws a retryable `Unavailable` if a page breaks off for the first or second time
 */
export async function fetchSomeRows(account: PageAccount, request: PageRequest): Promise<TransactionPage> {
  const page = await askForPage(account, request);
  if (!page.isWhole) retryWhatBreaksOff(placeOf(account, request));
  return page;
}

/** Returns on the third attempt. @throws a retryable `Unavailable` before it */
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
  return new SourceError(`Reading ${place}: the answer breaks off.`, {
    kind: 'cut-off',
    status: 200,
    advice: 'Ask for less.',
  });
}

function withoutIds(place: string): ApplicationFailure {
  return ApplicationFailure.nonRetryable(
    `Reading ${place}: the answer breaks off before its transaction_id, so the next page cannot be requested. Nothing of ` +
      'it was written. Ask the vendor about the row that follows; `callweave cursor set` moves the cursor past it.',
    'PageWithoutIds',
  );
}

/** Adds advice to a 403 or 404: these answer wrong arguments, and the answer to an unknown cursor is undocumented. */
function withCursorAdvice(error: SourceError, { cursor, days, only }: PageRequest): SourceError {
  const isLiveCursor = cursor !== null && days === null && only === undefined;
  if (!isLiveCursor || (error.status !== 403 && error.status !== 404)) return error;
  const { kind, status, finding, advice } = error;
  const more = `If these are right, the source may not know the cursor ${cursor}: move it back with \`callweave cursor rewind\`.`;
  return new SourceError(finding, { kind, status, advice: `${advice} ${more}` });
}
