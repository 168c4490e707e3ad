import { DateTime } from 'luxon';
import { UsageError } from '../../settings/errors.js';
import type { Checkpoint, CursorGap } from '../../store/feed/checkpoint-types.js';
import type { PageLine } from '../../store/feed/pages.js';
import type { Store } from '../../store/store.js';

/** Where a cursor is to be moved, and what that comes to. */
export interface CursorPlan {
  readonly stream: string;
  /** The checkpoint's, when the plan was made: it holds for this `seq` alone. */
  readonly seq: number;
  readonly from: string | null;
  /** Null is the start of the feed. */
  readonly to: string | null;
  /** What the move may leave out; null where everything between was read. */
  readonly gap: CursorGap | null;
  /** What will be read again, at most. */
  readonly again: { readonly pages: number; readonly rows: number };
  /** What a person should know before it is done. */
  readonly remarks: readonly string[];
}

interface Wish {
  readonly store: Pick<Store, 'calls' | 'checkpoints' | 'pages'>;
  readonly account: string;
  readonly stream: string;
}

/** Moves the cursor behind any transaction. What was never read in this stream up to there counts as left out. */
export async function planSet(input: Wish & { id: string; now: Date }): Promise<CursorPlan> {
  const { store, account, stream, id, now } = input;
  const checkpoint = await requireCheckpoint(input);
  const line = await store.pages.lineAt({ stream, cursor: id });
  if (line !== null) return planTo({ store, checkpoint, to: id, line });
  const isStored = await isTransaction({ store, account, id });
  const gap = { from: checkpoint.caughtUpAt, to: now };
  const remarks = [
    'rows between the two places may never be read by the live drain: `callweave backfill` over the days since ' +
      `${gap.from?.toISOString() ?? 'the first call'} reads them`,
    ...(isStored
      ? []
      : [`no row with the id ${id} was read so far: if the source does not know it either, the next drain says so`]),
  ];
  return { ...(await planTo({ store, checkpoint, to: id, line: null })), gap, remarks };
}

/** Moves the cursor back, to a place this stream is known to have passed: everything behind it is read again. */
export async function planRewind(input: Wish & { to: string; timeZone: string | null }): Promise<CursorPlan> {
  const { store } = input;
  const checkpoint = await requireCheckpoint(input);
  if (/^\d{4}-\d{2}-\d{2}/.test(input.to)) {
    const line = await lineOfTime(input);
    return planTo({ store, checkpoint, to: line.cursorIn, line });
  }
  const line = await lineOfTransaction(input);
  return planTo({ store, checkpoint, to: input.to, line });
}

async function planTo(input: {
  store: Wish['store'];
  checkpoint: Checkpoint;
  to: string | null;
  line: PageLine | null;
}): Promise<CursorPlan> {
  const { store, checkpoint, to, line } = input;
  const { stream, seq, cursor: from } = checkpoint;
  if (to === from) throw new Error(`the cursor of ${stream} stands at ${to ?? 'the start of the feed'} already`);
  const isBehindLine = line !== null && line.cursorOut === to && line.cursorIn !== to;
  const again =
    line === null
      ? { pages: 0, rows: 0 }
      : await store.pages.readSince({ stream, seq: isBehindLine ? line.seq + 1 : line.seq });
  return { stream, seq, from, to, gap: null, again, remarks: [] };
}

async function lineOfTime({ store, stream, to, timeZone }: Wish & { to: string; timeZone: string | null }) {
  const time = readTime({ text: to, timeZone });
  const line = await store.pages.firstReaching({ stream, time });
  if (line !== null) return line;
  throw new Error(
    `no page of ${stream} has a call that began at or after ${time.toISOString()}: nothing to read again`,
  );
}

async function lineOfTransaction({ store, account, stream, to: id }: Wish & { to: string }): Promise<PageLine> {
  const line = await store.pages.lineAt({ stream, cursor: id });
  if (line !== null) return line;
  // A row in the middle of a page: its page is the one that was asked for when it was first seen.
  const call = await store.calls.find({ account, id });
  const row = call?.transactions.find(({ transactionId }) => transactionId === id);
  if (call !== null && row === undefined) throw callIdError(id);
  const read = row === undefined ? null : await store.pages.lineReadAt({ stream, at: row.firstSeenAt });
  if (read !== null) return read;
  throw new Error(
    `${stream} is not known to have passed ${id}${row === undefined ? '' : ', which something else than the live drain read'}. ` +
      'Rewind to a time instead, or to a cursor that `callweave cursor history` shows; `callweave cursor set` takes any id.',
  );
}

async function isTransaction({ store, account, id }: Omit<Wish, 'stream'> & { id: string }): Promise<boolean> {
  const call = await store.calls.find({ account, id });
  if (call === null) return false;
  if (call.transactions.some(({ transactionId }) => transactionId === id)) return true;
  throw callIdError(id);
}

function callIdError(id: string): Error {
  return new Error(
    `${id} is the id of a call. A cursor is the id of a transaction: \`callweave call show ${id}\` lists the call's own.`,
  );
}

/** An instant with its offset; or a day, or a local time, in the account's zone. */
function readTime({ text, timeZone }: { text: string; timeZone: string | null }): Date {
  const isInstant = /(?:Z|[+-]\d{2}:?\d{2})$/i.test(text.slice(10));
  if (!isInstant && timeZone === null) {
    throw new UsageError(
      `which zone is ${text} of? Set INVOCA_TIME_ZONE, or say it with an offset, as 2026-03-02T10:00:00Z`,
    );
  }
  const time = DateTime.fromISO(text.replace(' ', 'T'), { zone: timeZone ?? 'utc' });
  if (time.isValid) return time.toJSDate();
  throw new UsageError(`${text} is no time: say a day, or an instant as 2026-03-02T10:00:00Z`);
}

async function requireCheckpoint({ store, account, stream }: Wish): Promise<Checkpoint> {
  const checkpoint = await store.checkpoints.read(stream);
  if (checkpoint !== null) return checkpoint;
  throw new Error(
    `the live feed of ${account} was never drained, so there is no cursor to move: ` +
      'INVOCA_START_AFTER says where its first drain starts',
  );
}
