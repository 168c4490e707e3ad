import { ApplicationFailure } from '@temporalio/common';
import type { TransactionPage } from '../../sources/transaction-page.js';
import type { CallDifference } from '../../store/calls/compare-transactions.js';
import { requireAccount, type ActivityDependencies, type FeedAccount } from '../dependencies.js';
import { askSource, type AskInput } from '../requests/ask-source.js';
import { mergePage } from '../feed/merge-page.js';
import { fetchPage } from '../requests/fetch-page.js';
import { grownPageLimit, onTooMuch, shrunkPageLimit, type Paging } from '../requests/page-limit.js';
import type { Days } from '../../domain/days/days.js';
import type { DifferenceSummary } from '../../store/feed/differences.js';
import type { WaitResult } from '../requests/account-hold.js';

/** What a verification came to: counts of calls, and the first 20 as examples. */
export type VerifySummary = DifferenceSummary;

export interface VerifyPageInput extends AskInput {
  /** Under which the differences are kept: the same for every page, however often the workflow continues as new. */
  readonly run: string;
  readonly window: Days;
  /** The last transaction id of this window that was compared; null begins with its oldest. */
  readonly cursor: string | null;
  readonly paging: Paging;
  readonly repair: boolean;
}

/**
 * What became of one page. It is compared and, where wanted, repaired (`page`); the window ends here (`end`); the
 * source asks to be left alone until an instant (`wait`); a smaller page is to be asked for (`shrink`).
 */
export type VerifyPageResult =
  | {
      readonly outcome: 'page';
      readonly cursor: string;
      readonly paging: Paging;
      readonly rows: number;
      /** Calls on this page; one that is on two pages is counted on both. */
      readonly missing: number;
      readonly stale: number;
    }
  | ({ readonly outcome: 'end' } & VerifySummary)
  | WaitResult
  | { readonly outcome: 'shrink'; readonly paging: Paging };

const DETAILS = 20;

interface PageStep {
  readonly deps: ActivityDependencies;
  readonly feed: FeedAccount;
  readonly input: VerifyPageInput;
  /** Rows to ask for. */
  readonly limit: number;
}

/**
 * Reads one page of the days again and compares its calls with those stored: the differences are recorded afterwards,
 * and repaired where that is wanted. Makes one request at most. No checkpoint is read or written, and doing a page
 * twice finds and counts the same.
 */
export async function verifyPage(deps: ActivityDependencies, input: VerifyPageInput): Promise<VerifyPageResult> {
  const feed = requireAccount(deps.feeds, input.account);
  const step: PageStep = { deps, feed, input, limit: Math.min(input.paging.pageLimit ?? Infinity, feed.pageLimit) };
  const page = { cursor: input.cursor, days: input.window, limit: step.limit };
  return askSource(
    { deps, input, request: (signal) => fetchPage(feed, { ...page, signal }) },
    {
      answered: (answer) => comparePage(step, answer),
      failed: onTooMuch(step.limit, shrinkTo),
    },
  );
}

async function comparePage(step: PageStep, page: TransactionPage): Promise<VerifyPageResult> {
  const { deps, feed, input, limit } = step;
  const { run, account } = input;
  if (page.rowCount === 0) {
    return { outcome: 'end', ...(await deps.store.differences.summarize({ run, limit: DETAILS })) };
  }
  const cursor = page.lastTransactionId;
  if (cursor === null) {
    const pageLimit = shrunkPageLimit(limit);
    if (pageLimit === null) throw withoutIds(step, page);
    return shrinkTo(pageLimit);
  }

  const differences = await deps.store.calls.compareTransactions({ account, transactions: page.transactions });
  await deps.store.differences.record({ run, account, differences, foundAt: page.requestedAt });
  if (input.repair) await repairPage(step, page, differences);
  const stale = differences.filter(({ kind }) => kind === 'stale').length;
  return {
    outcome: 'page',
    cursor,
    paging: grownPageLimit({ limit, ceiling: feed.pageLimit, cleanPages: input.paging.cleanPages }),
    rows: page.rowCount,
    missing: differences.length - stale,
    stale,
  };
}

/** All the page says is stored afterwards; calls that differ in nothing are not written. */
async function repairPage(
  { deps, feed, input }: PageStep,
  page: TransactionPage,
  differences: readonly CallDifference[],
): Promise<void> {
  const { account, run } = input;
  const differing = new Set(differences.map(({ callId }) => callId));
  const transactions = page.transactions.filter(({ callId }) => differing.has(callId));
  const origin = `verify/${account}/${input.window.from}..${input.window.to}`;
  await mergePage({ deps, feed, page, origin, transactions, recompute: [...differing] });
  // Those an earlier attempt repaired differ no more, and are marked by this one.
  const callIds = new Set(page.transactions.map(({ callId }) => callId));
  await deps.store.differences.markRepaired({ run, callIds: [...callIds] });
}

function shrinkTo(pageLimit: number): VerifyPageResult {
  return { outcome: 'shrink', paging: { pageLimit, cleanPages: 0 } };
}

function withoutIds({ input }: PageStep, page: TransactionPage): ApplicationFailure {
  const { account, window: days, cursor } = input;
  return ApplicationFailure.nonRetryable(
    `Verifying ${account} from ${days.from} to ${days.to}: none of the ${page.rowCount} rows after ` +
      `${cursor ?? 'the start'} has a transaction_id, so there is no way to ask for the next page. Check the account’s ` +
      'columns (is transaction_id excluded?) and the API version.',
    'PageWithoutIds',
  );
}
