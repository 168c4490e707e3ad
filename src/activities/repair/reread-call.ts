import { ApplicationFailure } from '@temporalio/common';
import type { TransactionPage } from '../../sources/transaction-page.js';
import { requireAccount, type ActivityDependencies, type FeedAccount } from '../dependencies.js';
import { askSource, type AskInput } from '../requests/ask-source.js';
import { checkZones } from '../feed/check-zones.js';
import { mergePage } from '../feed/merge-page.js';
import { fetchPage, fetchSomeRows, retryWhatBreaksOff } from '../requests/fetch-page.js';
import { onTooMuch, type Paging, type ShrinkResult } from '../requests/page-limit.js';
import type { WaitResult } from '../requests/account-hold.js';
import type { CrediraCallAnswer } from '../../sources/credira/client.js';
import { isAboutTheId, writeCrediraCalls } from '../invoices/write-credira-calls.js';

export interface RereadCallInput extends AskInput, Pick<Paging, 'pageLimit'> {
  readonly callId: string;
  /** Last transaction id of this call that was read; null to begin with the oldest. */
  readonly cursor: string | null;
}

/**
 * Result for one page of a call's rows. `page`: they are merged, and more may follow `cursor` unless it is null.
 * `shrink`: the next request must ask for `pageLimit` rows. `wait`: the next request must wait.
 */
export type RereadCallResult =
  | { readonly outcome: 'page'; readonly rows: number; readonly rejects: number; readonly cursor: string | null }
  | ShrinkResult
  | WaitResult;

export interface FindCallIdInput extends AskInput {
  readonly transactionId: string;
}

/** `callId` is null if the source has no such transaction, or the transaction has no call id. */
export type FindCallIdResult = { readonly outcome: 'answered'; readonly callId: string | null } | WaitResult;

export interface RereadCrediraCallInput extends AskInput {
  readonly callId: string;
}

/** `isKnown` is false if the source has no such call; `rejects` is 1 if its answer cannot be stored as a call. */
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
 * Reads a page of one call's rows again, merges them, and recomputes its document from all stored rows. Makes one
 * request at most and moves no cursor. Reading a page twice changes nothing more.
 * @throws non-retryable `RowsOfOtherCalls`
 */
export async function rereadCall(deps: ActivityDependencies, input: RereadCallInput): Promise<RereadCallResult> {
  const feed = requireAccount(deps.feeds, input.account);
  const { callId, cursor } = input;
  const step: RowsStep = { deps, feed, input, limit: Math.min(input.pageLimit ?? Infinity, feed.pageLimit) };
  const page = { cursor, days: null, limit: step.limit, only: { callId } };
  return askSource(
    { deps, input, request: (signal, room) => fetchPage(feed, { ...page, signal, room }) },
    {
      answered: (answer) => mergeRows(step, answer),
      failed: onTooMuch(step.limit, (pageLimit) => ({ outcome: 'shrink', pageLimit })),
    },
  );
}

async function mergeRows({ deps, feed, input, limit }: RowsStep, page: TransactionPage): Promise<RereadCallResult> {
  const { account, callId } = input;
  requireRowsOf(callId, page);
  await checkZones(deps, feed, page);
  const recompute = page.transactions.length === 0 ? [] : [callId];
  const { rejects } = await mergePage({ deps, feed, page, origin: `refresh/${account}/${callId}`, recompute });
  // With a filter by call, a page that is not full is the last:
  // https://community.invoca.com/t5/developer-features/how-to-access-invoca-call-data-programmatically-via-api/ta-p/602
  const cursor = page.rowCount < limit ? null : page.lastTransactionId;
  return { outcome: 'page', rows: page.rowCount, rejects, cursor };
}

/** Refuses rows of other calls: a source that ignores `call_record_id` returns the oldest rows of its whole feed. */
function requireRowsOf(callId: string, { transactions }: TransactionPage): void {
  const other = transactions.find((row) => row.callId !== callId);
  if (other === undefined) return;
  throw ApplicationFailure.nonRetryable(
    `Reading the call ${callId} again: the source answered with rows of other calls, such as ${other.callId}. Nothing was ` +
      'stored. Check the id, also its capital letters; if it is right, ask the vendor whether call_record_id is honoured.',
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
  return askSource(
    { deps, input, request: (signal, room) => fetchSomeRows(feed, { ...page, signal, room }) },
    { answered },
  );
}

/** Asks for one call by its id, even if it was asked for before, and writes what is new. Makes one request at most. */
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
