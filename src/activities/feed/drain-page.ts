import { activityInfo } from '@temporalio/activity';
import { ApplicationFailure } from '@temporalio/common';
import { latestOriginalStart } from '../../domain/invoca/call-values.js';
import type { TransactionPage } from '../../sources/transaction-page.js';
import type { Checkpoint, LiveStart, Receipt } from '../../store/feed/checkpoint-types.js';
import { checkZones } from './check-zones.js';
import { requireAccount, type ActivityDependencies, type FeedAccount } from '../dependencies.js';
import { askSource, type AskInput } from '../requests/ask-source.js';
import { fetchPage } from '../requests/fetch-page.js';
import { shortPagesAfter } from './short-pages.js';
import { grownPageLimit, onTooMuch, shrunkPageLimit, type ShrinkResult } from '../requests/page-limit.js';
import { isCursorDoubtful } from './probe-cursor.js';
import { writePage } from './merge-page.js';
import type { Days } from '../../domain/days/days.js';
import type { WaitResult } from '../requests/account-hold.js';

export interface DrainPageInput extends AskInput {
  /** Name of the checkpoint this drain follows. */
  readonly stream: string;
  /** Sequence number the checkpoint must have; if it has another, this attempt writes nothing. */
  readonly seq: number;
  /** Id of the drain: the same for all its pages, also after the workflow continued as new. */
  readonly drainId: string;
  /** Instant at which the drain began, as ISO text. */
  readonly beganAt: string;
  readonly window: Days | null;
  /** `none`: calls seen for the first time get no transcript, whatever the account's settings say. */
  readonly transcripts: 'all' | 'none';
}

/**
 * Result for one page. `page`: its rows are written and the checkpoint has moved; if `isCaughtUp`, the feed goes on but
 * the drain has stored all that was there when it began. `caught-up`: the feed ends here.
 * `empty`: the feed ends here, or the source does not know the cursor; `probeCursor` must find out. `moved`: another
 * drain or an operator moved the checkpoint. `wait`: the next request must wait. `shrink`: the checkpoint now has a
 * smaller page limit, and the page must be asked for again.
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
      readonly isCaughtUp?: true;
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
 * Reads the page after the stream's checkpoint and writes it: documents, rejects, ledger line, then the checkpoint by
 * compare-and-set on its `seq`. Makes one request at most, and none if an earlier attempt of this activity already
 * moved the checkpoint or the account is on hold. After a crash between two steps, the page is read and written again.
 * @throws non-retryable `CheckpointMissing`, `CursorRepeated`, `PageWithoutIds` or `UnknownCursor`
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
    {
      deps,
      input,
      isUrgent: input.window === null,
      request: (signal, room) => fetchPage(feed, { ...page, signal, room }),
    },
    {
      answered: (answer) => storePage(step, answer),
      failed: onTooMuch(step.limit, (pageLimit, reason) => shrink(step, { pageLimit, reason })),
    },
  );
}

async function storePage(step: PageStep, page: TransactionPage): Promise<DrainPageResult> {
  const { deps, input, checkpoint, limit, feed } = step;
  if (page.rowCount === 0) return caughtUp(step, page);
  await checkZones(deps, feed, page);
  const cursor = page.lastTransactionId;
  if (cursor === null) {
    if (checkpoint.cursor !== null && page.rowCount < limit) return endWithoutIds(step, page);
    const pageLimit = shrunkPageLimit(limit);
    if (pageLimit === null) throw withoutIds(step, page);
    return shrink(step, { pageLimit, reason: 'no row of the page has an id' });
  }
  await refuseRepeatedCursor(step, cursor);

  const shortPages = shortPagesAfter({
    page,
    limit,
    before: checkpoint.shortPages,
    beganAt: new Date(input.beganAt),
  });
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
    isCaughtUp: shortPages.caughtUpAt !== null,
    at: page.requestedAt,
  };
  const moved = await deps.store.checkpoints.advance({
    stream: input.stream,
    seq: checkpoint.seq,
    cursor,
    ...grownPageLimit({ limit, ceiling: feed.pageLimit, cleanPages: checkpoint.cleanPages }),
    ...shortPages,
    liveStart: knownStart(checkpoint, page),
    receipt,
  });
  return moved === 'moved' ? { outcome: 'moved' } : pageResult(checkpoint.seq + 1, receipt);
}

/** Returns the start of the stream. For a start after an id, the first page shows from when on it is complete. */
function knownStart({ liveStart }: Checkpoint, page: TransactionPage): LiveStart | null {
  if (liveStart?.kind !== 'id' || liveStart.firstCallsAt !== null) return liveStart;
  return { kind: 'id', firstCallsAt: latestOriginalStart(page.transactions.map(({ transaction }) => transaction)) };
}

/**
 * Ends the drain at rows without an id. The page is not full, so the API has no rows after them. They are kept as
 * rejects, and every drain reads them again until a row with an id follows.
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

/** Stores a smaller page limit in the checkpoint. */
async function shrink(
  step: PageStep,
  { pageLimit, reason }: { pageLimit: number; reason: string },
): Promise<DrainPageResult> {
  await step.deps.store.checkpoints.setPageLimit({ stream: step.input.stream, seq: step.checkpoint.seq, pageLimit });
  return { outcome: 'shrink', pageLimit, reason };
}

/** @throws non-retryable `CursorRepeated` if this drain has already passed the cursor: it would never end */
async function refuseRepeatedCursor(step: PageStep, cursor: string): Promise<void> {
  const { stream, drainId, seq } = step.input;
  const repeated =
    cursor === step.checkpoint.cursor || (await step.deps.store.pages.isCursorSeen({ stream, drainId, cursor, seq }));
  if (!repeated) return;
  throw ApplicationFailure.nonRetryable(
    `Draining ${stream}: the page after ${step.checkpoint.cursor ?? 'the start'} ends at ${cursor}, which this drain ` +
      'has already passed. The source repeats its pages, so the drain would never end. Nothing of this page was written. ' +
      'Ask the vendor whether start_after_transaction_id is honoured; `callweave status` shows the cursor.',
    'CursorRepeated',
  );
}

function withoutIds(step: PageStep, page: TransactionPage): ApplicationFailure {
  return ApplicationFailure.nonRetryable(
    `Draining ${step.input.stream}: none of the ${page.rowCount} rows after ${step.checkpoint.cursor ?? 'the start'} has a ` +
      'transaction_id, so the next page cannot be requested. Nothing of this page was written. Check the columns of the ' +
      'account (is transaction_id excluded?) and the API version.',
    'PageWithoutIds',
  );
}

/** Returns the result of an earlier attempt of this activity if that moved the checkpoint, otherwise null. */
function resultOfEarlierAttempt({ receipt, seq }: Checkpoint, input: DrainPageInput): DrainPageResult | null {
  const { workflowExecution, activityId } = activityInfo();
  if (receipt === null || seq !== input.seq + 1) return null;
  const isOwn = receipt.runId === workflowExecution?.runId && receipt.activityId === activityId;
  return isOwn ? pageResult(seq, receipt) : null;
}

function pageResult(seq: number, receipt: Receipt): DrainPageResult {
  const { cursorOut: cursor, rows, calls, rejects, isCaughtUp = false } = receipt;
  return { outcome: 'page', seq, cursor, rows, calls, rejects, ...(isCaughtUp && { isCaughtUp }) };
}

async function requireCheckpoint(deps: ActivityDependencies, stream: string): Promise<Checkpoint> {
  const checkpoint = await deps.store.checkpoints.read(stream);
  if (checkpoint !== null) return checkpoint;
  throw ApplicationFailure.nonRetryable(
    `Draining ${stream}: its document is missing from the collection checkpoints. Start the drain again: it creates a new one.`,
    'CheckpointMissing',
  );
}
