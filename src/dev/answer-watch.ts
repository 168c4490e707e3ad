import { setTimeout as sleep } from 'node:timers/promises';
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
  /** It asked to be left alone until then; null where it never did. */
  readonly holdUntil: Date | null;
}

/** Since when the source has given no answer, not counting the time before it was asked. Null while it answers. */
export function unansweredSince({ startedAt, now, answeredAt, outage, holdUntil }: AnswerFacts): Date | null {
  if (holdUntil !== null && holdUntil > now) return null;
  if (outage !== null) return outage.since > startedAt ? outage.since : startedAt;
  if (answeredAt !== null && answeredAt >= startedAt) return null;
  return holdUntil !== null && holdUntil > startedAt ? holdUntil : startedAt;
}

/**
 * What the work comes to. Throws what the source's trouble is and what to do, once it has given no answer for
 * `limitMs`: the work would go on trying without end.
 */
export async function unlessUnanswered<T>(
  watched: { readonly store: Store; readonly account: string; readonly limitMs: number },
  work: Promise<T>,
): Promise<T> {
  const settled = new AbortController();
  const done = work.finally(() => {
    settled.abort();
  });
  return Promise.race([done, watch({ ...watched, signal: settled.signal }).then(() => done)]);
}

async function watch(input: {
  readonly store: Store;
  readonly account: string;
  readonly limitMs: number;
  readonly signal: AbortSignal;
}): Promise<void> {
  const { store, account, limitMs, signal } = input;
  const startedAt = new Date();
  while (!signal.aborted) {
    const facts = await readFacts({ store, account }).catch(() => null);
    const now = new Date();
    const since = facts === null ? null : unansweredSince({ ...facts, startedAt, now });
    if (since !== null && now.getTime() - since.getTime() >= limitMs) throw unanswered(account, facts?.outage ?? null);
    await sleep(LOOK_EVERY_MS, undefined, { signal }).catch(() => undefined);
  }
}

async function readFacts({
  store,
  account,
}: {
  store: Store;
  account: string;
}): Promise<Pick<AnswerFacts, 'answeredAt' | 'outage' | 'holdUntil'>> {
  const [checkpoint, invoices, outage, hold] = await Promise.all([
    store.checkpoints.read(liveStream(account)),
    store.invoices.summary(account),
    store.outages.read(account),
    store.limits.read(account),
  ]);
  const answers = [checkpoint?.lastPageAt, checkpoint?.caughtUpAt, checkpoint?.cursorCheck?.at, invoices.lastSyncAt];
  const answered = answers.flatMap((at) => at?.getTime() ?? []);
  const answeredAt = answered.length === 0 ? null : new Date(Math.max(...answered));
  return { answeredAt, outage, holdUntil: hold?.holdUntil ?? null };
}

function unanswered(account: string, outage: Outage | null): Error {
  const reason =
    outage?.reason ??
    'nothing has come back yet. Check the base URL, and the network between this machine and that host.';
  return new Error(`${account}: the source gives no answer: ${reason}`);
}
