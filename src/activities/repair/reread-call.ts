import { ApplicationFailure } from '@temporalio/common';
import type { TransactionPage } from '../../sources/transaction-page.js';
import { requireAccount, type ActivityDependencies, type FeedAccount } from '../dependencies.js';
import { askSource } from '../requests/ask-source.js';
import { mergePage } from '../feed/merge-page.js';
import { fetchPage, fetchSomeRows } from '../requests/fetch-page.js';
import { onTooMuch } from '../requests/page-limit.js';
import type { FindCallIdInput, FindCallIdResult, RereadCallInput, RereadCallResult } from './reread-types.js';

interface RowsStep {
  readonly deps: ActivityDependencies;
  readonly feed: FeedAccount;
  readonly input: RereadCallInput;
  /** Rows to ask for. */
  readonly limit: number;
}

/**
 * Reads a page of one call's rows again and merges them: its document says afterwards what all its rows make. Makes one
 * request at most, moves no cursor, and doing a page twice changes nothing more.
 */
export async function rereadCall(deps: ActivityDependencies, input: RereadCallInput): Promise<RereadCallResult> {
  const feed = requireAccount(deps.feeds, input.account);
  const { callId, cursor } = input;
  const step: RowsStep = { deps, feed, input, limit: Math.min(input.pageLimit ?? Infinity, feed.pageLimit) };
  const page = { cursor, days: null, limit: step.limit, only: { callId } };
  return askSource(
    { deps, input, request: (signal) => fetchPage(feed, { ...page, signal }) },
    {
      answered: (answer) => mergeRows(step, answer),
      failed: onTooMuch(step.limit, (pageLimit) => ({ outcome: 'shrink', pageLimit })),
    },
  );
}

async function mergeRows({ deps, feed, input, limit }: RowsStep, page: TransactionPage): Promise<RereadCallResult> {
  const { account, callId } = input;
  requireRowsOf(callId, page);
  const recompute = page.transactions.length === 0 ? [] : [callId];
  const { rejects } = await mergePage({ deps, feed, page, origin: `refresh/${account}/${callId}`, recompute });
  // Of one call a page that is not full is the last:
  // https://community.invoca.com/t5/developer-features/how-to-access-invoca-call-data-programmatically-via-api/ta-p/602
  const cursor = page.rowCount < limit ? null : page.lastTransactionId;
  return { outcome: 'page', rows: page.rowCount, rejects, cursor };
}

/** A source that ignores `call_record_id` answers with the oldest rows of its whole feed. */
function requireRowsOf(callId: string, { transactions }: TransactionPage): void {
  const other = transactions.find((row) => row.callId !== callId);
  if (other === undefined) return;
  throw ApplicationFailure.nonRetryable(
    `Reading the call ${callId} again: the source answered with rows of other calls, as ${other.callId}, and none was ` +
      'stored. Check the id, capitals too; if it is right, ask the vendor whether call_record_id is honoured.',
    'RowsOfOtherCalls',
  );
}

/** Asks the source which call a transaction belongs to. Makes one request at most. */
export async function findCallId(deps: ActivityDependencies, input: FindCallIdInput): Promise<FindCallIdResult> {
  const feed = requireAccount(deps.feeds, input.account);
  const { transactionId } = input;
  const page = { cursor: null, days: null, limit: 1, only: { transactionId } };
  const answered = ({ transactions }: TransactionPage): Promise<FindCallIdResult> => {
    const row = transactions.find(({ transaction }) => transaction.transactionId === transactionId);
    return Promise.resolve({ outcome: 'answered', callId: row?.callId ?? null });
  };
  return askSource({ deps, input, request: (signal) => fetchSomeRows(feed, { ...page, signal }) }, { answered });
}
