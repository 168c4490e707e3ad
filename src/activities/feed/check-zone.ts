import { log } from '@temporalio/activity';
import { zoneVerdicts } from '../../domain/days/zone-check.js';
import type { TransactionPage } from '../../sources/transaction-page.js';
import type { ActivityDependencies, FeedAccount } from '../dependencies.js';

/** Accounts about which this worker has warned. */
const warned = new WeakSet<FeedAccount>();

/**
 * Compares the local times of a page with the account's zone. If they disagree, warns in the log, once for each worker
 * and account, and in `callweave status`: the source would begin every requested day at another hour than callweave.
 */
export async function checkZone(
  { store }: Pick<ActivityDependencies, 'store'>,
  feed: FeedAccount,
  page: TransactionPage,
): Promise<void> {
  const { name: account, timeZone } = feed;
  if (timeZone === null || warned.has(feed)) return;
  const rows = page.transactions.map(({ transaction }) => transaction);
  const verdict = zoneVerdicts(rows, timeZone)['time-zone'];
  if (verdict?.disagrees !== true) return;
  const { transactionId, statedOffset, expectedOffset } = verdict;
  await store.limits.noteZoneMismatch({ account, timeZone, transactionId, statedOffset, expectedOffset });
  warned.add(feed);
  log.warn(
    `The account ${account} is not in ${timeZone}: its transaction ${transactionId} has the UTC offset ${statedOffset}, ` +
      `but that zone has ${expectedOffset}. Set INVOCA_TIME_ZONE to the zone in which the token was created.`,
  );
}
