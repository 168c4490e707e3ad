import { hostname, userInfo } from 'node:os';
import { InvalidArgumentError } from 'commander';
import type { CursorChange } from '../../store/feed/checkpoint-types.js';
import type { PageLine } from '../../store/feed/pages.js';
import type { Store } from '../../store/store.js';

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

export const DEFAULT_HISTORY_LIMIT = 100;
const MOST_PLACES = 100_000;

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

export function readLimit(text: string): number {
  const limit = Number(text);
  if (/^\d+$/.test(text) && limit >= 1 && limit <= MOST_PLACES) return limit;
  throw new InvalidArgumentError(`It takes a number from 1 to ${MOST_PLACES}.`);
}

/** Who runs this program, as `user@host`. */
export function whoMoves(): string {
  return `${userName()}@${hostname()}`;
}

/** The system may have no name for the user, as in a container that runs under a number of its own. */
function userName(): string {
  try {
    return userInfo().username;
  } catch {
    return `uid ${process.getuid?.() ?? 'unknown'}`;
  }
}
