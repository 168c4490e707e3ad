import { DateTime } from 'luxon';
import { UsageError } from '../../settings/errors.js';
import type { Checkpoint, CursorGap } from '../../store/feed/checkpoint-types.js';
import type { PageLine } from '../../store/feed/pages.js';
import type { Store } from '../../store/store.js';

/** A planned move of a cursor and its consequences. */
export interface CursorPlan {
  readonly stream: string;
  /** Sequence number of the checkpoint when the plan was made; the plan is valid only for it. */
  readonly seq: number;
  readonly from: string | null;
  /** New cursor; null is the start of the feed. */
  readonly to: string | null;
  /** Gap that the move may leave; null if everything between was read. */
  readonly gap: CursorGap | null;
  /** The most pages and rows that will be read again. */
  readonly again: { readonly pages: number; readonly rows: number };
  /** Facts that a person should know before the move. */
  readonly remarks: readonly string[];
}

interface Wish {
  readonly store: Pick<Store, 'calls' | 'checkpoints' | 'pages'>;
  readonly account: string;
  readonly stream: string;
}

/** Plans a move to any transaction. Unless this stream has passed it, rows between may be left out: a gap. */
export async function planSet(input: Wish & { id: string; now: Date }): Promise<CursorPlan> {
  const { store, account, stream, id, now } = input;
  const checkpoint = await requireCheckpoint(input);
  const line = await store.pages.lineAt({ stream, cursor: id });
  if (line !== null) return planTo({ store, checkpoint, to: id, line });
  const isStored = await isTransaction({ store, account, id });
  const gap = { from: checkpoint.caughtUpAt, to: now };
  const remarks = [
    'the live drain may never read the rows between the two cursors: read the days since ' +
      `${gap.from?.toISOString() ?? 'the first call'} with \`callweave backfill\``,
    ...(isStored
      ? []
      : [`no transaction ${id} is stored: if the source does not know it either, the next drain reports that`]),
  ];
  return { ...(await planTo({ store, checkpoint, to: id, line: null })), gap, remarks };
}

/** Plans a move back to a cursor that this stream has passed: everything after it is read again. */
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
  if (to === from) throw new Error(`the cursor of ${stream} is already at ${to ?? 'the start of the feed'}`);
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
    `no page of ${stream} has a call that began at or after ${time.toISOString()}, so there is nothing to read again`,
  );
}

async function lineOfTransaction({ store, account, stream, to: id }: Wish & { to: string }): Promise<PageLine> {
  const line = await store.pages.lineAt({ stream, cursor: id });
  if (line !== null) return line;
  // A row in the middle of a page: its page is the one that was read when the row was first seen.
  const call = await store.calls.find({ account, id });
  const row = call?.transactions.find(({ transactionId }) => transactionId === id);
  if (call !== null && row === undefined) throw callIdError(id);
  const read = row === undefined ? null : await store.pages.lineReadAt({ stream, at: row.firstSeenAt });
  if (read !== null) return read;
  throw new Error(
    `${stream} is not known to have passed ${id}${row === undefined ? '' : ', which was not read by the live drain'}. ` +
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

/** Reads an instant with an offset, or a day or time in the account's zone. @throws UsageError for other texts */
function readTime({ text, timeZone }: { text: string; timeZone: string | null }): Date {
  const isInstant = /(?:Z|[+-]\d{2}:?\d{2})$/i.test(text.slice(10));
  if (!isInstant && timeZone === null) {
    throw new UsageError(
      `the time ${text} has no zone: set INVOCA_TIME_ZONE, or give an offset, such as 2026-03-02T10:00:00Z`,
    );
  }
  const time = DateTime.fromISO(text.replace(' ', 'T'), { zone: timeZone ?? 'utc' });
  if (time.isValid) return time.toJSDate();
  throw new UsageError(`${text} is no time: give a day, or an instant such as 2026-03-02T10:00:00Z`);
}

async function requireCheckpoint({ store, account, stream }: Wish): Promise<Checkpoint> {
  const checkpoint = await store.checkpoints.read(stream);
  if (checkpoint !== null) return checkpoint;
  throw new Error(
    `the live feed of ${account} was never drained, so there is no cursor to move: ` +
      'set INVOCA_START_AFTER to choose where its first drain starts',
  );
}
