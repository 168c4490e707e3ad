import type { TransactionPage } from '../../sources/transaction-page.js';
import type { MergeRequest } from '../../store/calls/merge-transactions.js';
import type { ActivityDependencies, FeedAccount } from '../dependencies.js';

interface PageMerge extends Partial<Pick<MergeRequest, 'transactions' | 'recompute' | 'transcriptPolicy'>> {
  readonly deps: ActivityDependencies;
  readonly feed: FeedAccount;
  readonly page: TransactionPage;
  /** What the rejects are said to come from. */
  readonly origin: string;
}

/**
 * Merges the rows of a page, or only the `transactions` given, then records the rejects of page and merge; both
 * idempotent, so that they may be done again after a crash. `calls` counts documents created or changed.
 */
export async function mergePage({
  deps,
  feed,
  page,
  origin,
  ...chosen
}: PageMerge): Promise<{ calls: number; rejects: number }> {
  const merged = await deps.store.calls.mergeTransactions({
    account: feed.name,
    transactions: page.transactions,
    transcriptPolicy: feed.transcripts,
    ...chosen,
    now: deps.now,
  });
  const rejects = [...page.rejects, ...merged.rejects];
  await deps.store.rejects.record({ account: feed.name, page: origin, rejects, seenAt: page.requestedAt });
  return { calls: merged.created + merged.changed, rejects: rejects.length };
}
