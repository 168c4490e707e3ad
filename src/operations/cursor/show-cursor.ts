import type { Checkpoint, CursorChange } from '../../store/feed/checkpoint-types.js';
import type { PageLine } from '../../store/feed/pages.js';
import type { Store } from '../../store/store.js';

/** Where an account's live drain stands. */
export interface ShownCursor extends Pick<
  Checkpoint,
  | 'stream'
  | 'account'
  | 'cursor'
  | 'seq'
  | 'pageLimit'
  | 'totals'
  | 'lastPageAt'
  | 'caughtUpAt'
  | 'cursorCheck'
  | 'gaps'
> {
  /** How often the cursor was moved by hand. */
  readonly changes: number;
}

/** A place that the live drain has passed, or where its cursor was put by hand. */
export interface PassedPlace {
  readonly at: Date;
  /** Null is the start of the feed. */
  readonly cursor: string | null;
  /** How many the page had that ends here; 0 for a move. */
  readonly rows: number;
  /** Null where it is the end of a page; who moved is null where that was not noted. */
  readonly moved: { readonly by: string | null; readonly reason: string; readonly from: string | null } | null;
}

/** Where the stream stands; null if it was never drained. */
export async function readCursor(
  { checkpoints }: Pick<Store, 'checkpoints'>,
  stream: string,
): Promise<ShownCursor | null> {
  const checkpoint = await checkpoints.read(stream);
  if (checkpoint === null) return null;
  const { receipt: _, cleanPages: __, history: changes, ...rest } = checkpoint;
  return { ...rest, changes: changes.length };
}

/** The places the stream has passed and the moves among them, newest first. Empty where it was never drained. */
export async function readHistory({
  store: { checkpoints, pages },
  stream,
  limit,
}: {
  store: Pick<Store, 'checkpoints' | 'pages'>;
  stream: string;
  limit: number;
}): Promise<PassedPlace[]> {
  const checkpoint = await checkpoints.read(stream);
  if (checkpoint === null) return [];
  const lines = await pages.newest({ stream, before: checkpoint.seq, limit });
  const moves = checkpoint.history.map(moveOf).reverse();
  return [...moves, ...lines.map(pageOf)].sort((one, other) => other.at.getTime() - one.at.getTime()).slice(0, limit);
}

function pageOf({ at, cursorOut, rows }: PageLine): PassedPlace {
  return { at, cursor: cursorOut, rows, moved: null };
}

function moveOf({ at, from, to, by, reason }: CursorChange): PassedPlace {
  return { at, cursor: to, rows: 0, moved: { by, reason, from } };
}
