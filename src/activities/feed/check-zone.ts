import { log } from '@temporalio/activity';
import { zoneMismatch } from '../../domain/days/zone-check.js';
import type { TransactionPage } from '../../sources/transaction-page.js';
import type { ActivityDependencies, FeedAccount } from '../dependencies.js';

/** The accounts this worker has warned of. */
const warned = new WeakSet<FeedAccount>();

/**
 * Compares the local times of a page with the zone its days are meant in. Where they disagree, the log and `callweave
 * status` say so, once for each worker and account: every day asked for would be another one than is meant.
 */
export async function checkZone(
  { store }: Pick<ActivityDependencies, 'store'>,
  feed: FeedAccount,
  page: TransactionPage,
): Promise<void> {
  const { name: account, timeZone } = feed;
  if (timeZone === null || warned.has(feed)) return;
  const mismatch = zoneMismatch(
    page.transactions.map(({ transaction }) => transaction),
    timeZone,
  );
  if (mismatch === null) return;
  await store.limits.noteZoneMismatch({ account, timeZone, ...mismatch });
  warned.add(feed);
  const { transactionId, statedOffset, expectedOffset } = mismatch;
  log.warn(
    `The account ${account} is not in ${timeZone}: its transaction ${transactionId} has the local offset ${statedOffset}, ` +
      `where that zone has ${expectedOffset}. Set INVOCA_TIME_ZONE to the zone the token was made in.`,
  );
}
