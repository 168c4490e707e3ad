import { addDays, type Days } from '../../domain/days/days.js';
import { dayOf } from '../../domain/days/zoned-days.js';
import type { LiveStart } from '../../store/feed/checkpoint-types.js';
import { requireAccount, type ActivityDependencies, type FeedAccount } from '../dependencies.js';

/** How the live stream of a new account comes to start at a day. */
export interface SeedPlan {
  /** Every call from it on is to be read. */
  readonly startDate: string;
  /** Where a row to start after is looked for, in this order. */
  readonly days: readonly string[];
}

export interface OpenStreamInput {
  readonly account: string;
  readonly stream: string;
  /** The days the stream is confined to; none for the live stream. */
  readonly window?: Days;
}

export interface OpenStreamResult {
  readonly seq: number;
  readonly cursor: string | null;
  /** Only of a live stream that is to start at a day: it has no checkpoint yet, and `seedCursor` is to give it one. */
  readonly seed?: SeedPlan;
}

/** A call may be shown by the source up to a day late, and last past midnight. */
const DAYS_BEFORE_START = 2;
const DAYS_TRIED = 14;

/**
 * Returns the place of a stream. A new stream gets a checkpoint: a stream of days at its first day, the live one at the
 * account's configured start. An existing checkpoint stays as it is, whatever the settings say. If a live stream is to
 * start at a day, it gets none yet, and the result says how to find one.
 */
export async function openStream(deps: ActivityDependencies, input: OpenStreamInput): Promise<OpenStreamResult> {
  const feed = requireAccount(deps.feeds, input.account);
  const { account, stream, window } = input;
  const seed = window === undefined ? seedPlan(feed, deps.now()) : null;
  if (seed !== null && (await deps.store.checkpoints.read(stream)) === null) return { seq: 0, cursor: null, seed };
  const start = window === undefined ? liveStartOf(feed) : { cursor: null, window };
  const { seq, cursor } = await deps.store.checkpoints.open({ account, stream, pageLimit: feed.pageLimit, ...start });
  return { seq, cursor };
}

function liveStartOf({ startAfter }: FeedAccount): { cursor: string | null; liveStart: LiveStart } {
  if (startAfter === null) return { cursor: null, liveStart: { kind: 'oldest' } };
  return { cursor: startAfter, liveStart: { kind: 'id', firstCallsAt: null } };
}

function seedPlan({ startDate, timeZone }: FeedAccount, now: Date): SeedPlan | null {
  if (startDate === null) return null;
  const today = dayOf(now, timeZone ?? 'UTC');
  const latest = addDays(startDate < today ? startDate : today, -DAYS_BEFORE_START);
  return { startDate, days: Array.from({ length: DAYS_TRIED }, (_, index) => addDays(latest, -index)) };
}
