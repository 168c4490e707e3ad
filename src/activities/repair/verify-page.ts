import { ApplicationFailure } from '@temporalio/common';
import type { TransactionPage } from '../../sources/transaction-page.js';
import type { CallDifference } from '../../store/calls/compare-transactions.js';
import { requireAccount, type ActivityDependencies, type FeedAccount } from '../dependencies.js';
import { askSource, type AskInput } from '../requests/ask-source.js';
import { checkZones } from '../feed/check-zones.js';
import { mergePage } from '../feed/merge-page.js';
import { fetchPage } from '../requests/fetch-page.js';
import { grownPageLimit, onTooMuch, shrunkPageLimit, type Paging } from '../requests/page-limit.js';
import type { Days } from '../../domain/days/days.js';
import type { WaitResult } from '../requests/account-hold.js';

export interface VerifyPageInput extends AskInput {
  /** Id of differences and listed calls: the same for all pages, also after the workflow continued as new. */
  readonly run: string;
  readonly window: Days;
  /** Last transaction id of this window that was compared; null to begin with the oldest. */
  readonly cursor: string | null;
  readonly paging: Paging;
  readonly repair: boolean;
}

/**
 * Result for one page. `page`: it is compared and, with `repair`, repaired. `end`: the window ends here. `wait`: the
 * next request must wait. `shrink`: the next request must ask for fewer rows.
 */
export type VerifyPageResult =
  | {
      readonly outcome: 'page';
      readonly cursor: string;
      readonly paging: Paging;
      readonly rows: number;
      /** Number of calls on this page; a call on two pages is counted on both. */
      readonly missing: number;
      readonly stale: number;
    }
  | { readonly outcome: 'end' }
  | WaitResult
  | { readonly outcome: 'shrink'; readonly paging: Paging };

export interface ProbeRowInput extends AskInput {
  readonly transactionId: string;
}

export type ProbeRowResult = { readonly outcome: 'answered'; readonly isKnown: boolean } | WaitResult;

interface PageStep {
  readonly deps: ActivityDependencies;
  readonly feed: FeedAccount;
  readonly input: VerifyPageInput;
  /** Rows to ask for. */
  readonly limit: number;
}

/**
 * Reads one page of the days again, compares its calls with the stored ones, records the differences and, with
 * `repair`, repairs them. Makes one request at most. Reads and writes no checkpoint. A page read twice counts once.
 * @throws non-retryable `PageWithoutIds`
 */
export async function verifyPage(deps: ActivityDependencies, input: VerifyPageInput): Promise<VerifyPageResult> {
  const feed = requireAccount(deps.feeds, input.account);
  const step: PageStep = { deps, feed, input, limit: Math.min(input.paging.pageLimit ?? Infinity, feed.pageLimit) };
  const page = { cursor: input.cursor, days: input.window, limit: step.limit };
  return askSource(
    { deps, input, request: (signal, room) => fetchPage(feed, { ...page, signal, room }) },
    {
      answered: (answer) => comparePage(step, answer),
      failed: onTooMuch(step.limit, shrinkTo),
    },
  );
}

/**
 * Asks the source if it has a transaction: an empty page after one that it no longer has need not be the end. Makes one
 * request at most.
 */
export async function probeRow(deps: ActivityDependencies, input: ProbeRowInput): Promise<ProbeRowResult> {
  const { client } = requireAccount(deps.feeds, input.account);
  const { transactionId } = input;
  return askSource(
    { deps, input, request: (signal) => client.hasTransaction({ transactionId, signal }) },
    { answered: (isKnown) => Promise.resolve({ outcome: 'answered', isKnown }) },
  );
}

async function comparePage(step: PageStep, page: TransactionPage): Promise<VerifyPageResult> {
  const { deps, feed, input, limit } = step;
  const { run, account } = input;
  if (page.rowCount === 0) return { outcome: 'end' };
  await checkZones(deps, feed, page);
  const cursor = page.lastTransactionId;
  if (cursor === null) {
    const pageLimit = shrunkPageLimit(limit);
    if (pageLimit === null) throw withoutIds(step, page);
    return shrinkTo(pageLimit);
  }

  await markShown(step, page);
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

/** Notes that the source has the calls of these rows, rejects included. A row without readable ids counts for none. */
async function markShown({ deps, input: { account, run } }: PageStep, page: TransactionPage): Promise<void> {
  const { expectedCalls } = deps.store;
  const shown = new Set(page.transactions.map(({ callId }) => callId));
  const transactionIds: string[] = [];
  for (const { callId, transactionId } of page.rejects) {
    if (callId != null) shown.add(callId);
    else if (transactionId !== null) transactionIds.push(transactionId);
  }
  for (const callId of await expectedCalls.callsOf({ account, transactionIds })) shown.add(callId);
  await expectedCalls.markShown({ run, callIds: [...shown] });
}

/** Merges the rows of the calls that differ, and marks those differences as repaired. Writes no other call. */
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
  // Marks all calls of the page: those an earlier attempt repaired no longer differ.
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
      `${cursor ?? 'the start'} has a transaction_id, so the next page cannot be requested. Check the columns of the ` +
      'account (is transaction_id excluded?) and the API version.',
    'PageWithoutIds',
  );
}
