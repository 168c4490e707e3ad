import { count } from '../count.js';
import { isPosted, type Attention, type AttentionCode } from './attention.js';

/** Identity of an alert: there is one for each account and code. */
export interface AlertKey {
  /** Null for the whole installation. */
  readonly account: string | null;
  readonly code: AttentionCode;
}

/** A condition that needs a person, with the number that decides whether it is posted again. */
export interface CountedAttention extends Attention {
  /** Number of rejects; null for every other code. */
  readonly count: number | null;
}

/** Returns a text that is unique to the account and code. An account's name has no slash. */
export function alertIdOf({ account, code }: AlertKey): string {
  return `${account ?? ''}/${code}`;
}

/**
 * Joins conditions of one account and code, such as two paused schedules, to one alert. Its message is that of the
 * first and how many there are more, its start the earliest known. Leaves out what is never posted.
 */
export function conditionsOf(attention: readonly CountedAttention[]): CountedAttention[] {
  const byId = new Map<string, CountedAttention[]>();
  for (const each of attention) {
    if (!isPosted(each.code)) continue;
    const id = alertIdOf(each);
    byId.set(id, [...(byId.get(id) ?? []), each]);
  }
  return [...byId.values()].map(joined);
}

function joined(same: readonly CountedAttention[]): CountedAttention {
  const [first, ...others] = same as readonly [CountedAttention, ...CountedAttention[]];
  if (others.length === 0) return first;
  const starts = same.flatMap(({ since }) => since?.getTime() ?? []);
  return {
    ...first,
    message: `${first.message} (and ${count(others.length)} more)`,
    since: starts.length === 0 ? null : new Date(Math.min(...starts)),
  };
}
