import { log } from '@temporalio/activity';
import { isOriginalCall } from '../../domain/invoca/call-values.js';
import type { TransactionPage } from '../../sources/transaction-page.js';
import type { LiveStart } from '../../store/feed/checkpoint-types.js';
import { requireAccount, type ActivityDependencies, type FeedAccount } from '../dependencies.js';
import { checkZones } from './check-zones.js';
import { askSource, type AskInput } from '../requests/ask-source.js';
import { fetchSomeRows } from '../requests/fetch-page.js';
import type { WaitResult } from '../requests/account-hold.js';

export interface SeedCursorInput extends AskInput {
  readonly stream: string;
  readonly startDate: string;
  /** Day to search for a row to start after; null after all days were tried: the stream starts at the oldest row. */
  readonly day: string | null;
}

/** `none`: the day has no row to start after, and no checkpoint was created. */
export type SeedCursorResult =
  | { readonly outcome: 'opened'; readonly seq: number; readonly cursor: string | null }
  | { readonly outcome: 'none' }
  | WaitResult;

/** Enough rows to include an original one: the corrections of a call are close to its original row. */
const MOST_ROWS = 100;

interface Seeding {
  readonly deps: ActivityDependencies;
  readonly feed: FeedAccount;
  readonly input: SeedCursorInput;
}

/**
 * Opens the live stream after an original Call row of `day`, which is well before the start date: the feed is sorted by
 * when rows were written, so the rows of all later calls come after that row. Makes one request at most. If `day` is
 * null, opens the stream at the oldest row and warns in the log.
 */
export async function seedCursor(deps: ActivityDependencies, input: SeedCursorInput): Promise<SeedCursorResult> {
  const feed = requireAccount(deps.feeds, input.account);
  const seeding = { deps, feed, input };
  const { day, account, startDate } = input;
  if (day === null) {
    log.warn(
      `The two weeks before INVOCA_START_DATE ${startDate} have no call of ${account} to start after: its live drain ` +
        'starts at the oldest row instead.',
    );
    return open(seeding, { cursor: null, liveStart: { kind: 'oldest' } });
  }
  const rows = { cursor: null, limit: Math.min(MOST_ROWS, feed.pageLimit), days: { from: day, to: day } };
  const answered = async (page: TransactionPage): Promise<SeedCursorResult> => {
    await checkZones(deps, feed, page);
    const cursor = seedOf(page);
    if (cursor === null) return { outcome: 'none' };
    return open(seeding, { cursor, liveStart: { kind: 'day', day: startDate } });
  };
  return askSource(
    { deps, input, request: (signal, room) => fetchSomeRows(feed, { ...rows, signal, room }) },
    { answered },
  );
}

/**
 * Returns the first original row of a page, but never its last row. Rows of a day are sorted by the start of their
 * call, so the last one may be a correction written weeks later: a stream opened after it would miss most of the feed.
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
