import { startOf } from '../../domain/invoca/call-values.js';
import type { TransactionPage } from '../../sources/transaction-page.js';
import type { ActivityDependencies, FeedAccount } from '../dependencies.js';
import type { DrainPageInput } from './drain-page-types.js';
import { mergePage } from './merge-page.js';

export interface WritePageInput {
  readonly deps: ActivityDependencies;
  readonly feed: FeedAccount;
  readonly input: DrainPageInput;
  readonly page: TransactionPage;
  readonly cursorIn: string | null;
  readonly cursorOut: string;
}

const NO_TRANSCRIPTS = { enabled: false, offReason: 'the backfill that found the call was to fetch no transcripts' };

/**
 * Writes a page's documents, then its rejects, then its ledger line; all idempotent, so that a page may be written
 * again after a crash. The checkpoint is the caller's, and comes last.
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
