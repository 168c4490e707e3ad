import { log } from '@temporalio/activity';
import { isOriginalCall } from '../../domain/invoca/call-values.js';
import type { TransactionPage } from '../../sources/transaction-page.js';
import type { LiveStart } from '../../store/feed/checkpoint-types.js';
import { requireAccount, type ActivityDependencies, type FeedAccount } from '../dependencies.js';
import { askSource, type AskInput } from '../requests/ask-source.js';
import { fetchSomeRows } from '../requests/fetch-page.js';
import type { WaitResult } from '../requests/account-hold.js';

export interface SeedCursorInput extends AskInput {
  readonly stream: string;
  readonly startDate: string;
  /**
   * Where to look for a row to start after; null when all days were tried: the stream then starts at the oldest row.
   */
  readonly day: string | null;
}

/** `none`: nothing to start after on this day, and no checkpoint was made. */
export type SeedCursorResult =
  | { readonly outcome: 'opened'; readonly seq: number; readonly cursor: string | null }
  | { readonly outcome: 'none' }
  | WaitResult;

/** Enough to meet an original row: the corrections of a call stand beside it. */
const MOST_ROWS = 100;

interface Seeding {
  readonly deps: ActivityDependencies;
  readonly feed: FeedAccount;
  readonly input: SeedCursorInput;
}

/**
 * Opens the live stream behind an original Call row of a day well before the one it is to start at: the feed is in the
 * order in which rows are written, so every row of a later call comes after that one. Makes one request at most. With
 * all days tried in vain the stream starts at the oldest row, and the log says so.
 */
export async function seedCursor(deps: ActivityDependencies, input: SeedCursorInput): Promise<SeedCursorResult> {
  const feed = requireAccount(deps.feeds, input.account);
  const seeding = { deps, feed, input };
  const { day, account, startDate } = input;
  if (day === null) {
    log.warn(
      `No call of ${account} was found in the two weeks before INVOCA_START_DATE ${startDate}: its live drain starts at ` +
        'the oldest row instead.',
    );
    return open(seeding, { cursor: null, liveStart: { kind: 'oldest' } });
  }
  const rows = { cursor: null, limit: Math.min(MOST_ROWS, feed.pageLimit), days: { from: day, to: day } };
  const answered = async (page: TransactionPage): Promise<SeedCursorResult> => {
    const cursor = seedOf(page);
    if (cursor === null) return { outcome: 'none' };
    return open(seeding, { cursor, liveStart: { kind: 'day', day: startDate } });
  };
  return askSource({ deps, input, request: (signal) => fetchSomeRows(feed, { ...rows, signal }) }, { answered });
}

/**
 * The rows of days come in the order of their calls' starts, so the last may be written much later than the others: a
 * correction of weeks after, behind which the feed has little left. It is never taken, whatever it says of itself.
 */
function seedOf({ transactions, lastTransactionId }: TransactionPage): string | null {
  const seed = transactions.find(
    ({ transaction }) => isOriginalCall(transaction) && transaction.transactionId !== lastTransactionId,
  );
  return seed?.transaction.transactionId ?? null;
}

async function open(
  { deps, feed, input }: Seeding,
  start: { cursor: string | null; liveStart: LiveStart },
): Promise<SeedCursorResult> {
  const { account, stream } = input;
  const { seq, cursor } = await deps.store.checkpoints.open({ account, stream, pageLimit: feed.pageLimit, ...start });
  return { outcome: 'opened', seq, cursor };
}
