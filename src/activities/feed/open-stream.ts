import { addDays, type Days } from '../../domain/days/days.js';
import { dayOf } from '../../domain/days/zoned-days.js';
import type { LiveStart } from '../../store/feed/checkpoint-types.js';
import { requireAccount, type ActivityDependencies, type FeedAccount } from '../dependencies.js';

/** Plan for starting the live stream of a new account at a day. */
export interface SeedPlan {
  /** First day (YYYY-MM-DD) whose calls must all be read. */
  readonly startDate: string;
  /** Days to search for a row to start after, in this order. */
  readonly days: readonly string[];
}

export interface OpenStreamInput {
  readonly account: string;
  readonly stream: string;
  /** Days the stream is limited to; left out for the live stream. */
  readonly window?: Days;
}

export interface OpenStreamResult {
  readonly seq: number;
  readonly cursor: string | null;
  /** Present if the live stream must start at a day: it has no checkpoint yet, and `seedCursor` must create it. */
  readonly seed?: SeedPlan;
}

/** One day because the source may show a call a day late, and one because a call may last past midnight. */
const DAYS_BEFORE_START = 2;
const DAYS_TRIED = 14;

/**
 * Returns the place of a stream, and creates the checkpoint of a new one: for days at their first row, for the live
 * stream at the account's configured start. An existing checkpoint stays unchanged, whatever the settings are. If a new
 * live stream must start at a day, no checkpoint is created yet: the result has the `seed` to find its place.
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
