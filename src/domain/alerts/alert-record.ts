import { alertIdOf, type AlertKey, type CountedAttention } from './conditions.js';

export type AlertState = 'raised' | 'resolved';

/** A change to tell of. Every repetition of its post is equal, so that the receiver can recognise it by its id. */
export interface AlertPost {
  readonly id: string;
  readonly state: AlertState;
  readonly message: string;
  /** Start of the condition; null if unknown. */
  readonly since: Date | null;
  /** Instant at which the change was seen. */
  readonly at: Date;
  /** Number of rejects that it tells of; null for every other code. */
  readonly count: number | null;
}

/** A post that is not known to have arrived. */
export interface PostInProgress extends AlertPost {
  /** Number of failed attempts since the receiver last refused it: those that lengthen the pause before the next. */
  readonly attempts: number;
  /** Instant of the next attempt. */
  readonly nextAt: Date;
  /** Reason of the last failure in a few words, without the URL; null if none failed yet. */
  readonly trouble: string | null;
  /** Instant of the first refusal by the receiver; null if it has not refused it. */
  readonly refusedSince: Date | null;
}

/** The state of one account and code, and what was told about it. */
export interface AlertRecord extends AlertKey {
  /** State when it last changed. */
  readonly state: AlertState;
  /** Message of the condition when its state last changed or was told; null if it was never raised. */
  readonly message: string | null;
  readonly since: Date | null;
  /** The last post that arrived; null if none did yet. */
  readonly told: Pick<AlertPost, 'state' | 'count'> | null;
  readonly toldAt: Date | null;
  /** Instant until which nothing is posted; null if it was never muted, or the mute was ended. */
  readonly mutedUntil: Date | null;
  /** The next post to arrive; null if everything is told. */
  readonly post: PostInProgress | null;
}

/** A change of a record. */
export interface AlertChange extends AlertKey, Pick<AlertRecord, 'state' | 'message' | 'since'> {
  /** A post to begin; null if there is nothing to tell, or not yet. */
  readonly post: PostInProgress | null;
}

/** Shortest time between two posts about a growing number of rejects. */
const AGAIN_AFTER_MS = 3_600_000;

/**
 * Compares what needs a person with the records, and returns what changes. One post at a time is in progress for each
 * account and code. What happens meanwhile, or during a mute, is told afterwards if it differs from what was told.
 */
export function alertChanges(input: {
  readonly conditions: readonly CountedAttention[];
  readonly records: readonly AlertRecord[];
  readonly now: Date;
  readonly newId: () => string;
}): AlertChange[] {
  const { conditions, records, now, newId } = input;
  const recordById = new Map(records.map((record) => [alertIdOf(record), record]));
  const conditionById = new Map(conditions.map((condition) => [alertIdOf(condition), condition]));
  const gone = records.filter((record) => !conditionById.has(alertIdOf(record)));
  return [
    ...conditions.map((condition) => raisedChange({ condition, before: recordById.get(alertIdOf(condition)), now })),
    ...gone.map((before) => resolvedChange(before, now)),
  ]
    .filter((change) => change !== null)
    .map(({ tells, ...change }) => ({
      ...change,
      post: tells === null ? null : { ...tells, id: newId(), ...NOT_TRIED, at: now, nextAt: now },
    }));
}

const NOT_TRIED = { attempts: 0, trouble: null, refusedSince: null } as const;

type Change = Omit<AlertChange, 'post'> & {
  readonly tells: Pick<AlertPost, 'state' | 'message' | 'since' | 'count'> | null;
};

function raisedChange(of: { condition: CountedAttention; before: AlertRecord | undefined; now: Date }): Change | null {
  const { condition, before, now } = of;
  const { account, code, message, since, count } = condition;
  const state = 'raised' as const;
  const tells = isNews(of) && mayTell(before, now) ? { state, message, since, count } : null;
  return tells === null && before?.state === state ? null : { account, code, state, message, since, tells };
}

/** True if the condition is not told yet, or is a larger number of rejects than was told an hour ago or earlier. */
function isNews({ condition, before, now }: Parameters<typeof raisedChange>[0]): boolean {
  const { told = null, toldAt = null } = before ?? {};
  if (told?.state !== 'raised') return true;
  if (condition.count === null || told.count === null || condition.count <= told.count) return false;
  return toldAt === null || now.getTime() - toldAt.getTime() >= AGAIN_AFTER_MS;
}

function resolvedChange(before: AlertRecord, now: Date): Change | null {
  const { account, code, message, since, told } = before;
  const state = 'resolved' as const;
  const tells =
    told?.state === 'raised' && mayTell(before, now)
      ? { state, message: message ?? '', since, count: told.count === null ? null : 0 }
      : null;
  return tells === null && before.state === state ? null : { account, code, state, message, since, tells };
}

function mayTell(before: AlertRecord | undefined, now: Date): boolean {
  return before === undefined || (before.post === null && !isMuted(before, now));
}

/** True if nothing is posted about it now. */
export function isMuted({ mutedUntil }: Pick<AlertRecord, 'mutedUntil'>, now: Date): boolean {
  return mutedUntil !== null && mutedUntil > now;
}

const FIRST_RETRY_MS = 5_000;
const LONGEST_RETRY_MS = 10 * 60_000;
/** A little less than the minute between two runs, so that each of them tries a refused post once. */
const REFUSED_RETRY_MS = 50_000;

/** Returns the time until the next attempt, after `attempts` failed ones. The receiver may ask for `askedForMs`. */
export function retryDelayMs(failed: { attempts: number; isRefused: boolean; askedForMs: number | null }): number {
  const { attempts, isRefused, askedForMs } = failed;
  if (isRefused) return REFUSED_RETRY_MS;
  const delayMs = Math.min(FIRST_RETRY_MS * 2 ** Math.min(attempts - 1, 20), LONGEST_RETRY_MS);
  return Math.max(delayMs, askedForMs ?? 0);
}
