import type { TransactionPage } from '../../sources/transaction-page.js';
import type { MergeRequest } from '../../store/calls/merge-transactions.js';
import type { ActivityDependencies, FeedAccount } from '../dependencies.js';
import { startOf } from '../../domain/invoca/call-values.js';
import type { PageLine } from '../../store/feed/pages.js';
import { announceLooks } from '../transcripts/next-look.js';

interface PageMerge extends Partial<Pick<MergeRequest, 'transactions' | 'recompute' | 'transcriptPolicy'>> {
  readonly deps: ActivityDependencies;
  readonly feed: FeedAccount;
  readonly page: TransactionPage;
  /** Stored with each reject as its origin. */
  readonly origin: string;
}

/**
 * Merges the rows of a page, or only the given `transactions`, records the rejects of the page and of the merge, and
 * announces the looks for transcripts. All steps are idempotent and may be repeated after a crash. `calls` is the
 * number of documents created or changed.
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
  await deps.store.rejects.record({ account: feed.name, origin, rejects, seenAt: page.requestedAt });
  await announceLooks(deps, feed.name);
  return { calls: merged.created + merged.changed, rejects: rejects.length };
}

export interface WritePageInput {
  readonly deps: ActivityDependencies;
  readonly feed: FeedAccount;
  readonly input: Pick<PageLine, 'stream' | 'seq' | 'drainId'> & { readonly transcripts: 'all' | 'none' };
  readonly page: TransactionPage;
  readonly cursorIn: string | null;
  readonly cursorOut: string;
}

const NO_TRANSCRIPTS = { enabled: false, offReason: 'the call was found by a backfill without transcripts' };

/**
 * Writes a page's documents, then its rejects, then its ledger line. All steps are idempotent, so a page may be written
 * again after a crash. The caller moves the checkpoint afterwards.
 */
export async function writePage(task: WritePageInput): Promise<{ calls: number; rejects: number }> {
  const { deps, feed, input, page } = task;
  const transcriptPolicy = input.transcripts === 'none' ? { ...feed.transcripts, ...NO_TRANSCRIPTS } : feed.transcripts;
  const origin = `${input.stream}/${input.seq}`;
  const written = await mergePage({ deps, feed, page, origin, transcriptPolicy });
  await deps.store.pages.record({
    stream: input.stream,
    account: feed.name,
    seq: input.seq,
    drainId: input.drainId,
    cursorIn: task.cursorIn,
    cursorOut: task.cursorOut,
    rows: page.rowCount,
    ...written,
    ...startRange(page),
    at: page.requestedAt,
  });
  return written;
}

function startRange(page: TransactionPage): { firstStartedAt: Date | null; lastStartedAt: Date | null } {
  let first = Number.POSITIVE_INFINITY;
  let last = Number.NEGATIVE_INFINITY;
  for (const { transaction } of page.transactions) {
    const startMs = startOf(transaction.columns)?.getTime();
    if (startMs === undefined) continue;
    first = Math.min(first, startMs);
    last = Math.max(last, startMs);
  }
  if (first > last) return { firstStartedAt: null, lastStartedAt: null };
  return { firstStartedAt: new Date(first), lastStartedAt: new Date(last) };
}
