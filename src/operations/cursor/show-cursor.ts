import type { Checkpoint, CursorChange } from '../../store/feed/checkpoint-types.js';
import type { PageLine } from '../../store/feed/pages.js';
import type { Store } from '../../store/store.js';

/** The cursor of an account's live drain and its progress. */
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
  /** Number of times that a person moved the cursor. */
  readonly changes: number;
}

/** A cursor that the live drain has passed, or to which a person moved it. */
export interface PassedPlace {
  readonly at: Date;
  /** Null at the start of the feed. */
  readonly cursor: string | null;
  /** Number of rows of the page that ends here; 0 for a move. */
  readonly rows: number;
  /** Null for the end of a page. `by` is null if it was not recorded. */
  readonly moved: { readonly by: string | null; readonly reason: string; readonly from: string | null } | null;
}

/** Reads the cursor of a stream; null if it was never drained. */
export async function readCursor(
  { checkpoints }: Pick<Store, 'checkpoints'>,
  stream: string,
): Promise<ShownCursor | null> {
  const checkpoint = await checkpoints.read(stream);
  if (checkpoint === null) return null;
  const { receipt: _, cleanPages: __, history: changes, ...rest } = checkpoint;
  return { ...rest, changes: changes.length };
}

/** Lists the cursors that the stream has passed, moves included, newest first. Empty if it was never drained. */
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
