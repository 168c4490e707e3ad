import { setTimeout as sleep } from 'node:timers/promises';
import { type Hold, runningHold } from '../store/limits/holds.js';
import type { Outage } from '../store/limits/outages.js';
import type { Store } from '../store/store.js';
import { liveStream } from '../workflows/ids.js';

const LOOK_EVERY_MS = 1_000;

/** The answers and failures of an account's source, as known at an instant. */
export interface AnswerFacts {
  /** Time of the first request. */
  readonly startedAt: Date;
  readonly now: Date;
  /** Time of the last answer; null if there was none. */
  readonly answeredAt: Date | null;
  /** The current outage; null while the source answers. */
  readonly outage: Outage | null;
  /** The account's last hold; null if it never had one. */
  readonly hold: Hold | null;
}

interface Watched {
  readonly store: Store;
  readonly account: string;
  readonly limitMs: number;
  /** Returns a failure that is not the source's and delays the work; null if none is known. */
  readonly trouble: () => Promise<string | null>;
}

/** Returns the time since which the source has not answered, at the earliest `startedAt`; null while it answers. */
export function unansweredSince({ startedAt, now, answeredAt, outage, hold }: AnswerFacts): Date | null {
  if (runningHold(hold, now) !== null) return null;
  if (outage !== null) return outage.since > startedAt ? outage.since : startedAt;
  if (answeredAt !== null && answeredAt >= startedAt) return null;
  return hold !== null && hold.holdUntil > startedAt ? hold.holdUntil : startedAt;
}

/**
 * Waits for the result of the work, which retries indefinitely.
 * @throws an error with the reason and what to do, when the source has not answered for `limitMs`
 */
export async function unlessUnanswered<T>(watched: Watched, work: Promise<T>): Promise<T> {
  const settled = new AbortController();
  const done = work.finally(() => {
    settled.abort();
  });
  return Promise.race([done, watch({ ...watched, signal: settled.signal }).then(() => done)]);
}

async function watch(watched: Watched & { readonly signal: AbortSignal }): Promise<void> {
  const { limitMs, signal } = watched;
  const startedAt = new Date();
  while (!signal.aborted) {
    const facts = await readFacts(watched).catch(() => null);
    const now = new Date();
    const since = facts === null ? null : unansweredSince({ ...facts, startedAt, now });
    if (since !== null && now.getTime() - since.getTime() >= limitMs) {
      throw await unanswered(watched, facts?.outage ?? null);
    }
    await sleep(LOOK_EVERY_MS, undefined, { signal }).catch(() => undefined);
  }
}

async function readFacts({ store, account }: Watched): Promise<Pick<AnswerFacts, 'answeredAt' | 'outage' | 'hold'>> {
  const [checkpoint, invoices, outage, hold] = await Promise.all([
    store.checkpoints.read(liveStream(account)),
    store.invoices.summary(account),
    store.outages.read(account),
    store.limits.read(account),
  ]);
  const answers = [checkpoint?.lastPageAt, checkpoint?.caughtUpAt, checkpoint?.cursorCheck?.at, invoices.lastSyncAt];
  const answered = answers.flatMap((at) => at?.getTime() ?? []);
  const answeredAt = answered.length === 0 ? null : new Date(Math.max(...answered));
  return { answeredAt, outage, hold };
}

/** Makes the error: the source's outage if one is stored, else any other failure that is known. */
async function unanswered({ account, trouble }: Watched, outage: Outage | null): Promise<Error> {
  const other = outage === null ? await trouble().catch(() => null) : null;
  if (other !== null) return new Error(`${account}: no data arrives, and each retry fails: ${other}`);
  const reason =
    outage?.reason ??
    'no request has been answered yet. Check the base URL, and the network between this machine and that host.';
  return new Error(`${account}: the source does not answer: ${reason}`);
}
