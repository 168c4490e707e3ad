import { setTimeout as sleep } from 'node:timers/promises';
import { type Hold, runningHold } from '../store/limits/holds.js';
import type { Outage } from '../store/limits/outages.js';
import type { Store } from '../store/store.js';
import { liveStream } from '../workflows/ids.js';

const LOOK_EVERY_MS = 1_000;

/** What is known of an account's source at an instant. */
export interface AnswerFacts {
  /** When it was first asked. */
  readonly startedAt: Date;
  readonly now: Date;
  /** When it last answered; null where it never did. */
  readonly answeredAt: Date | null;
  /** Null while it answers. */
  readonly outage: Outage | null;
  /** The last time for which it asked to be left alone; null if it never did. */
  readonly hold: Hold | null;
}

interface Watched {
  readonly store: Store;
  readonly account: string;
  readonly limitMs: number;
  /** Tells what else than the source keeps the work from its end; null if nothing is known. */
  readonly trouble: () => Promise<string | null>;
}

/** Since when the source has given no answer, not counting the time before it was asked. Null while it answers. */
export function unansweredSince({ startedAt, now, answeredAt, outage, hold }: AnswerFacts): Date | null {
  if (runningHold(hold, now) !== null) return null;
  if (outage !== null) return outage.since > startedAt ? outage.since : startedAt;
  if (answeredAt !== null && answeredAt >= startedAt) return null;
  return hold !== null && hold.holdUntil > startedAt ? hold.holdUntil : startedAt;
}

/**
 * What the work comes to. Throws what the trouble is and what to do, once the source has given no answer for `limitMs`:
 * the work would go on trying without end.
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

/** A source whose last answer could not be used is an outage; where none is noted, something else may have failed. */
async function unanswered({ account, trouble }: Watched, outage: Outage | null): Promise<Error> {
  const other = outage === null ? await trouble().catch(() => null) : null;
  if (other !== null) return new Error(`${account}: nothing comes in, and what is tried again fails: ${other}`);
  const reason =
    outage?.reason ??
    'nothing has come back yet. Check the base URL, and the network between this machine and that host.';
  return new Error(`${account}: the source gives no answer: ${reason}`);
}
