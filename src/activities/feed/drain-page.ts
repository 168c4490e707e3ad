import { activityInfo } from '@temporalio/activity';
import { ApplicationFailure } from '@temporalio/common';
import { latestOriginalStart } from '../../domain/invoca/call-values.js';
import type { TransactionPage } from '../../sources/transaction-page.js';
import type { Checkpoint, LiveStart, Receipt } from '../../store/feed/checkpoint-types.js';
import { checkZone } from './check-zone.js';
import { requireAccount, type ActivityDependencies, type FeedAccount } from '../dependencies.js';
import { askSource, type AskInput } from '../requests/ask-source.js';
import { fetchPage } from '../requests/fetch-page.js';
import { grownPageLimit, onTooMuch, shrunkPageLimit, type ShrinkResult } from '../requests/page-limit.js';
import { isCursorDoubtful } from './probe-cursor.js';
import { writePage } from './merge-page.js';
import type { Days } from '../../domain/days/days.js';
import type { WaitResult } from '../requests/account-hold.js';

export interface DrainPageInput extends AskInput {
  /** The checkpoint this drain follows. */
  readonly stream: string;
  /** The checkpoint's sequence number this attempt expects to find. */
  readonly seq: number;
  /** The same for every page of one drain, however often the workflow continues as new. */
  readonly drainId: string;
  readonly window: Days | null;
  /** `none`: calls seen for the first time get no transcript, whatever the account's settings say. */
  readonly transcripts: 'all' | 'none';
}

/**
 * What became of one page. The rows are written and the checkpoint has moved (`page`); the feed ends here
 * (`caught-up`), or the source does not know the cursor, which is to be found out (`empty`); somebody else drains this
 * stream (`moved`); the source asks to be left alone until an instant (`wait`); a smaller page is to be asked for
 * (`shrink`).
 */
export type DrainPageResult =
  | {
      readonly outcome: 'page';
      readonly seq: number;
      readonly cursor: string | null;
      readonly rows: number;
      /** Documents created or changed. */
      readonly calls: number;
      readonly rejects: number;
    }
  | { readonly outcome: 'caught-up'; readonly cursor: string | null }
  | { readonly outcome: 'empty'; readonly emptyAt: string }
  | { readonly outcome: 'moved' }
  | WaitResult
  | (ShrinkResult & { readonly reason: string });

interface PageStep {
  readonly deps: ActivityDependencies;
  readonly feed: FeedAccount;
  readonly input: DrainPageInput;
  readonly checkpoint: Checkpoint;
  /** Rows to ask for. */
  readonly limit: number;
}

/**
 * Reads one page behind the stream's checkpoint and writes it: documents, rejects, ledger line, then the checkpoint by
 * compare-and-set on its `seq`. Makes one request at most, and none if an earlier attempt of this activity already
 * moved the checkpoint or the account is on hold. A crash between any two of these steps costs one page read again.
 */
export async function drainPage(deps: ActivityDependencies, input: DrainPageInput): Promise<DrainPageResult> {
  const feed = requireAccount(deps.feeds, input.account);
  const checkpoint = await requireCheckpoint(deps, input.stream);
  if (checkpoint.seq !== input.seq) {
    return resultOfEarlierAttempt(checkpoint, input) ?? { outcome: 'moved' };
  }
  const step: PageStep = { deps, feed, input, checkpoint, limit: Math.min(checkpoint.pageLimit, feed.pageLimit) };
  const page = { cursor: checkpoint.cursor, limit: step.limit, days: input.window };
  return askSource(
    { deps, input, request: (signal) => fetchPage(feed, { ...page, signal }) },
    {
      answered: (answer) => storePage(step, answer),
      failed: onTooMuch(step.limit, (pageLimit, reason) => shrink(step, { pageLimit, reason })),
    },
  );
}

async function storePage(step: PageStep, page: TransactionPage): Promise<DrainPageResult> {
  const { deps, input, checkpoint, limit, feed } = step;
  if (page.rowCount === 0) return caughtUp(step, page);
  await checkZone(deps, feed, page);
  const cursor = page.lastTransactionId;
  if (cursor === null) {
    if (checkpoint.cursor !== null && page.rowCount < limit) return endWithoutIds(step, page);
    const pageLimit = shrunkPageLimit(limit);
    if (pageLimit === null) throw withoutIds(step, page);
    return shrink(step, { pageLimit, reason: 'no row of the page has an id' });
  }
  await refuseRepeatedCursor(step, cursor);

  const written = await writePage({ deps, feed, input, page, cursorIn: checkpoint.cursor, cursorOut: cursor });
  const { workflowExecution, activityId } = activityInfo();
  const receipt: Receipt = {
    runId: workflowExecution?.runId ?? '',
    activityId,
    drainId: input.drainId,
    cursorIn: checkpoint.cursor,
    cursorOut: cursor,
    rows: page.rowCount,
    ...written,
    at: page.requestedAt,
  };
  const moved = await deps.store.checkpoints.advance({
    stream: input.stream,
    seq: checkpoint.seq,
    cursor,
    ...grownPageLimit({ limit, ceiling: feed.pageLimit, cleanPages: checkpoint.cleanPages }),
    liveStart: knownStart(checkpoint, page),
    receipt,
  });
  return moved === 'moved' ? { outcome: 'moved' } : pageResult(checkpoint.seq + 1, receipt);
}

/** After a cursor an operator gave, the first calls tell from when on the stream sees all of them. */
function knownStart({ liveStart }: Checkpoint, page: TransactionPage): LiveStart | null {
  if (liveStart?.kind !== 'id' || liveStart.firstCallsAt !== null) return liveStart;
  return { kind: 'id', firstCallsAt: latestOriginalStart(page.transactions.map(({ transaction }) => transaction)) };
}

/**
 * The feed ends in rows without an id. To the API a page that is not full is the last one, so nothing lies behind them;
 * they are rejects, and read again each time until a row with an id follows.
 */
async function endWithoutIds(step: PageStep, page: TransactionPage): Promise<DrainPageResult> {
  const { stream, account } = step.input;
  const { rejects, requestedAt: seenAt } = page;
  await step.deps.store.rejects.record({ account, origin: `${stream}/${step.checkpoint.seq}`, rejects, seenAt });
  return caughtUp(step, page);
}

async function caughtUp(step: PageStep, page: TransactionPage): Promise<DrainPageResult> {
  const { stream, window } = step.input;
  const { seq, cursor } = step.checkpoint;
  if (page.rowCount === 0 && window === null && isCursorDoubtful(step.checkpoint, step.deps.now())) {
    return { outcome: 'empty', emptyAt: page.requestedAt.toISOString() };
  }
  const moved = await step.deps.store.checkpoints.caughtUp({ stream, seq, at: page.requestedAt });
  return moved === 'moved' ? { outcome: 'moved' } : { outcome: 'caught-up', cursor };
}

/** Keeps a smaller page limit in the checkpoint. */
async function shrink(
  step: PageStep,
  { pageLimit, reason }: { pageLimit: number; reason: string },
): Promise<DrainPageResult> {
  await step.deps.store.checkpoints.setPageLimit({ stream: step.input.stream, seq: step.checkpoint.seq, pageLimit });
  return { outcome: 'shrink', pageLimit, reason };
}

/** @throws non-retryable `CursorRepeated`: going on would read the same rows for ever. */
async function refuseRepeatedCursor(step: PageStep, cursor: string): Promise<void> {
  const { stream, drainId, seq } = step.input;
  const repeated =
    cursor === step.checkpoint.cursor || (await step.deps.store.pages.isCursorSeen({ stream, drainId, cursor, seq }));
  if (!repeated) return;
  throw ApplicationFailure.nonRetryable(
    `Draining ${stream}: the page after ${step.checkpoint.cursor ?? 'the start'} ends at ${cursor}, where this drain has ` +
      'been before, so the source goes in a circle and going on would never end. Nothing of this page was written. Check ' +
      'with the vendor whether start_after_transaction_id is honoured; `callweave status` shows the cursor.',
    'CursorRepeated',
  );
}

function withoutIds(step: PageStep, page: TransactionPage): ApplicationFailure {
  return ApplicationFailure.nonRetryable(
    `Draining ${step.input.stream}: none of the ${page.rowCount} rows after ${step.checkpoint.cursor ?? 'the start'} has a ` +
      'transaction_id, so there is no way to ask for the next page. Nothing of this page was written. Check the ' +
      'account’s columns (is transaction_id excluded?) and the API version.',
    'PageWithoutIds',
  );
}

/** What an earlier attempt of this same activity returned, where it is what moved the checkpoint. */
function resultOfEarlierAttempt({ receipt, seq }: Checkpoint, input: DrainPageInput): DrainPageResult | null {
  const { workflowExecution, activityId } = activityInfo();
  if (receipt === null || seq !== input.seq + 1) return null;
  const isOwn = receipt.runId === workflowExecution?.runId && receipt.activityId === activityId;
  return isOwn ? pageResult(seq, receipt) : null;
}

function pageResult(seq: number, receipt: Receipt): DrainPageResult {
  const { cursorOut: cursor, rows, calls, rejects } = receipt;
  return { outcome: 'page', seq, cursor, rows, calls, rejects };
}

async function requireCheckpoint(deps: ActivityDependencies, stream: string): Promise<Checkpoint> {
  const checkpoint = await deps.store.checkpoints.read(stream);
  if (checkpoint !== null) return checkpoint;
  throw ApplicationFailure.nonRetryable(
    `Draining ${stream}: its checkpoint is gone from the collection checkpoints. Start the drain again; it will be made anew.`,
    'CheckpointMissing',
  );
}
