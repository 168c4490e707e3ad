import { ApplicationFailure } from '@temporalio/common';
import type { TransactionPage } from '../../sources/transaction-page.js';
import { requireAccount, type ActivityDependencies, type FeedAccount } from '../dependencies.js';
import { askSource, type AskInput } from '../requests/ask-source.js';
import { mergePage } from '../feed/merge-page.js';
import { fetchPage, fetchSomeRows, retryWhatBreaksOff } from '../requests/fetch-page.js';
import { onTooMuch, type Paging, type ShrinkResult } from '../requests/page-limit.js';
import type { WaitResult } from '../requests/account-hold.js';
import type { CrediraCallAnswer } from '../../sources/credira/client.js';
import { isAboutTheId, writeCrediraCalls } from '../invoices/write-credira-calls.js';

export interface RereadCallInput extends AskInput, Pick<Paging, 'pageLimit'> {
  readonly callId: string;
  /** The last transaction id of this call that was read; null begins with its oldest. */
  readonly cursor: string | null;
}

/**
 * What became of one page of a call's rows. They are merged, and there may be more behind `cursor` unless it is null
 * (`page`); a smaller page is to be asked for (`shrink`); the source is to be left alone (`wait`).
 */
export type RereadCallResult =
  | { readonly outcome: 'page'; readonly rows: number; readonly rejects: number; readonly cursor: string | null }
  | ShrinkResult
  | WaitResult;

export interface FindCallIdInput extends AskInput {
  readonly transactionId: string;
}

/** `callId` is null where the source has no such transaction, or it belongs to no call. */
export type FindCallIdResult = { readonly outcome: 'answered'; readonly callId: string | null } | WaitResult;

export interface RereadCrediraCallInput extends AskInput {
  readonly callId: string;
}

/** `isKnown` is false where the source has no such call; `rejects` is 1 where what it says cannot be kept. */
export type RereadCrediraCallResult =
  { readonly outcome: 'answered'; readonly isKnown: boolean; readonly rejects: number } | WaitResult;

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

/** Asks for one call by its id, whatever was asked of it before, and writes what is new. Makes one request at most. */
export async function rereadCrediraCall(
  deps: ActivityDependencies,
  input: RereadCrediraCallInput,
): Promise<RereadCrediraCallResult> {
  const account = requireAccount(deps.invoices, input.account);
  const { name } = account;
  const { callId } = input;
  const answered = async (answer: CrediraCallAnswer): Promise<RereadCrediraCallResult> => {
    if (answer.kind === 'unknown-call') return UNKNOWN;
    if (answer.kind === 'reject' && !answer.isWhole) retryWhatBreaksOff(`the call ${callId}`);
    const { rejects } = await writeCrediraCalls({
      deps,
      account,
      origin: `refresh/${name}/${callId}`,
      calls: answer.kind === 'call' ? [answer.call] : [],
      rejects: answer.kind === 'reject' ? [answer.reject] : [],
      seenAt: answer.requestedAt,
    });
    await deps.store.crediraCalls.noteDetailsAsked({ account: name, callId, at: deps.now() });
    return { outcome: 'answered', isKnown: true, rejects };
  };
  return askSource(
    { deps, input, request: (signal) => account.client.getCall({ callId, signal }) },
    { answered, failed: (error) => (isAboutTheId(error) ? UNKNOWN : null) },
  );
}

const UNKNOWN = { outcome: 'answered', isKnown: false, rejects: 0 } as const;
